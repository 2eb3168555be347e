"""What we claim, as one command: our engine beside its peers, in one run.

    python -m causalviz benchmark

``logs`` says on which logs, ``methods`` which answers are compared, ``runner`` how an answer is obtained (in a process
of its own, under a time limit), ``table`` how answers become lines, ``command`` puts them together.
"""
