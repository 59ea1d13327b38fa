"""Keras files of every age: configuration and arrays are read, nothing in a file is executed.

    load.py           a Keras file of any age as a Keras 3 model; textgenrnn.py and attention.py
    source.py         the content of a path: the configuration and the open arrays of a model
    plan/             the configuration as layers and calls, in one form
        plan.py           reads it; entries.py one entry of it
        old_names.py      what older Keras called the same things
        arguments.py      the arguments of a layer; fields.py checks one value of them
        inbound_nodes.py  which call feeds which
        layer_specs.py    the layers that are known
        network.py        what comes of it
    weights/          the arrays, each assigned to one weight
        saved.py          assigns them
        slots.py          the weights in the orders in which Keras saved them
        tree.py           the layout of .keras and .weights.h5 files
        layouts.py        arrays of old layouts in the layout of today
        hdf5.py           texts and arrays of a file that may be hostile
        extract.py        reads them, in a process of its own
    build.py          plan and arrays as a Keras 3 model
        layers.py         its layers; supply.py gives each its weights

`ReadError` carries what is wrong up to whoever knows the file's name.
"""
