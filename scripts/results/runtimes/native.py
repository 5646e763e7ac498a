"""A file of ONNX in ONNX Runtime's native kernels: SHA-256 of the scores of each batch, a line each, and their classes.

native.py FILE FOLDER all|none

FOLDER holds batches as N.bin (float32) and N.json (shape); classes go to N.classes. The last word is the level of optimisation.
"""

import hashlib
import json
import pathlib
import sys

import numpy
import onnxruntime

file, folder, level = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
levels = onnxruntime.GraphOptimizationLevel
options.graph_optimization_level = levels.ORT_ENABLE_ALL if level == "all" else levels.ORT_DISABLE_ALL
session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
for index in range(len(list(pathlib.Path(folder).glob("*.bin")))):
    path = pathlib.Path(folder, str(index))
    shape = json.loads(path.with_suffix(".json").read_text())
    image = numpy.fromfile(path.with_suffix(".bin"), numpy.float32).reshape(shape)
    (scores,) = session.run(["logits"], {"image": image})
    numpy.argmax(scores, axis=1).astype(numpy.uint8).tofile(path.with_suffix(".classes"))
    print(hashlib.sha256(numpy.ascontiguousarray(scores).tobytes()).hexdigest())
