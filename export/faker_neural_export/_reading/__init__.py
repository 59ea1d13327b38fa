"""Keras files of every age: configuration and arrays are read, nothing in a file is executed.

    _source.py      what a path holds, told by its content
    _plan.py        the configuration as layers and calls, one form for every age
        _entries.py     one entry of it
        _names.py       what older Keras called the same things
        _values.py      the arguments of a layer; _fields.py one value of them
        _links.py       which call feeds which
        _kinds.py       the layers that are known
        _network.py     what comes of it
    _saved.py       which array belongs to which weight
        _slots.py       the weights in the orders in which Keras saved them
        _tree.py        the layout of .keras and .weights.h5 files
        _layouts.py     arrays as they were laid out once, as they are now
        _hdf5.py        texts and arrays of a file that may be hostile
        _extract.py     reads them, in a process of its own
    _build.py       plan and arrays as a Keras 3 model
        _layers.py      its layers; _supply.py gives each its weights

`ReadError` carries what is wrong up to whoever knows the file's name.
"""
