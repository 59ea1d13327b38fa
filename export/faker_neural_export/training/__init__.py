"""How a network learns a column or a text.

train.py            from a file to a model file
choose.py           settings for a column that nobody chose settings for; presets.py those of
                    tutorials
epochs.py           epoch after epoch: batches, learning rate, noise, the monitor
checkpoint.py       what is kept after each epoch
start_from.py       weights of an earlier network for new tokens
draw.py             texts drawn from the network as it is
lengths.py          the end's bias, so that texts are as long as real ones
spelling.py         the bias of spelled words, so that they are rare
"""
