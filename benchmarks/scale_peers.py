"""A peer of ``benchmarks.scale`` in an environment of its own: direct follows of one log, by seconds and memory.

    PYTHON benchmarks/scale_peers.py pm4py|retentioneering LOG

Runs with nothing of ours. At most 4 GB of memory, as for us. Reading the file is not in the seconds.
"""

import resource
import sys
import time

LIMIT = 4 * 2**30  # bytes


def main() -> None:
    """Measures and tells, or ends with one line on the error stream."""
    peer, path = sys.argv[1:]
    try:
        module = __import__(peer)
    except ImportError:
        sys.exit("not installed; pip install it into an environment of its own, and name its Python by --peers")
    import pandas as pd

    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
    frame = pd.read_parquet(path)
    started, spent = time.perf_counter(), time.process_time()
    if peer == "pm4py":
        names = {"user_id": "case:concept:name", "event": "concept:name", "timestamp": "time:timestamp"}
        frame = frame.rename(columns=names).astype({"case:concept:name": str})
        frame = frame.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
        edges = len(module.discover_dfg(frame)[0])
    else:
        stream = module.Eventstream(frame, schema={"path_cols": ["user_id"]})
        edges = int((stream.transition_graph_data(edge_weight="count") > 0).to_numpy().sum())
    seconds, cpu = time.perf_counter() - started, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    version = getattr(module, "__version__", "of unknown number")
    print(f"{seconds:.1f} s, CPU {cpu:.1f} s, {peak:.0f} MB, {edges} transitions, version {version}")


if __name__ == "__main__":
    main()
