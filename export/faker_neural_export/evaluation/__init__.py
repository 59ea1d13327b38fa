"""How well a model predicts real lines, and how near its texts are to them.

evaluate.py     the evaluation of a model, a 6-gram model and real lines
figures.py      the class `Figures`, its rows in tables, and formulas: AUC, distances, copies
words.py        new and unknown words, unseen pairs
ngram.py        the 6-gram model to compare with
report.py       the HTML report
"""
