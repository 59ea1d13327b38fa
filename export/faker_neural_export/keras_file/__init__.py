"""Readers for files of every Keras version. Nothing in a file is executed.

    load.py           loads a file of any Keras version as a Keras 3 model
    source.py         reads the configuration and the arrays of a model file
    plan/             the configuration as layers and calls, the same form for every version
        plan.py           reads a configuration; entries.py reads one entry of it
        old_names.py      converts the names of older Keras versions
        arguments.py      reads the arguments of a layer; fields.py checks one value
        inbound_nodes.py  reads the calls and the tensors between them
        layer_specs.py    lists the supported layers
        network.py        defines the layers and networks of a plan
    weights/          the arrays, each assigned to one weight
        saved.py          assigns the arrays
        slots.py          lists the weights in the orders in which Keras saved them
        tree.py           reads the layout of .keras and .weights.h5 files
        layouts.py        converts arrays from old layouts to that of Keras 3
        hdf5.py           holds the texts and arrays of a file that may be hostile
        extract.py        reads that file in a separate process
    build.py          builds a Keras 3 model from a plan and arrays
        layers.py         makes its layers; weight_source.py passes the arrays to each layer
        activations.py    the hard sigmoid of Keras 1 and 2
        attention.py      textgenrnn's attention layer
        multi_head.py     MultiHeadAttention
    checkpoint/       the arrays of files that hold no layers
        load_checkpoint.py        loads them into a model that was rebuilt
        rebuild.py                the lines of Python that rebuild a model
        stored.py                 the arrays by layer, from HDF5
        tensorflow_checkpoint.py  the same from a checkpoint or SavedModel

A `ReadError` carries the problem up to load.py, which adds the path of the file.
"""
