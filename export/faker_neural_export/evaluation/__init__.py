"""How well a model knows real lines, and how near its texts are to them.

evaluate.py     the class `Figures`, its rows in tables, and what measures them
figures.py      formulas: AUC, distances, copies
words.py        new and unknown words, unseen pairs
ngram.py        the 6-gram model that stands beside
report.py       the HTML report
"""
