"""Training of a network on a column or on running text.

train.py            from a file to a model file
choose.py           settings that are chosen for a column
epochs.py           the loop over epochs: batches, learning rate, noise, the monitor
checkpoint.py       the files that are kept after each epoch
start_from.py       initial weights from an earlier network
draw.py             sample texts from the network during training
lengths.py          shifts the bias of the end, so that texts are as long as real texts
spelling.py         shifts the bias of spelled words, so that they are rare
"""
