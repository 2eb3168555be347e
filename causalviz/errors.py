"""The error tree: every failure a user can cause or repair.

    CausalVizError
    ├── LogError            the uploaded events cannot be read or used
    │   ├── UnreadableLog       the file is not what its name says, or is damaged
    │   ├── RoleError           a column role is missing, doubled or impossible
    │   └── UnusableLog         the events were read, but no causal reading is possible
    │       └── OversizedLog        there are more rows than are held in memory
    ├── SettingsError       a setting lies outside its range, or two settings clash
    ├── GraphError          an edit or an exchange of the graph is impossible
    │   ├── UnknownBehaviour    a name that the graph does not have
    │   ├── VerdictConflict     a verdict contradicts the ones before it, or a rule
    │   ├── KnowledgeConflict   two rules of an expert contradict each other
    │   └── UnreadableGraph     an imported graph file breaks its own grammar
    ├── ModelError          a network cannot be loaded, trained or applied
    │   ├── UnreadableModel     weights or card are damaged or of another make
    │   └── TrainingFailed      the loss became NaN, or the memory ran out
    ├── Interrupted         a process that worked for this one was ended from outside
    └── StoreError          the project store cannot do what was asked
        ├── UnknownRecord       no project, log, version or model of that id
        └── RevisionConflict    somebody else saved in between

Every message is one sentence that names the thing, the value and the way out.
"""


class CausalVizError(Exception):
    """Base of all errors that are meant for the user's eyes."""


class LogError(CausalVizError):
    """The uploaded events cannot be read or used."""


class UnreadableLog(LogError):
    """The file is not what its name says, or is damaged."""


class RoleError(LogError):
    """A column role is missing, doubled or impossible for its values."""


class UnusableLog(LogError):
    """The events were read, but no causal reading is possible: no rows, one behaviour, no time."""


class OversizedLog(UnusableLog):
    """There are more rows than are held in memory; ``discover`` of the command line reads them from the disk."""


class SettingsError(CausalVizError):
    """A setting lies outside its range, or two settings clash."""


class GraphError(CausalVizError):
    """An edit or an exchange of the graph is impossible."""


class UnknownBehaviour(GraphError):
    """A behaviour was named that the graph does not have."""


class VerdictConflict(GraphError):
    """A verdict contradicts the ones before it, or a rule decides its pair."""


class KnowledgeConflict(GraphError):
    """Two rules of an expert contradict each other."""


class UnreadableGraph(GraphError):
    """An imported graph file breaks its own grammar."""


class ModelError(CausalVizError):
    """A network cannot be loaded, trained or applied."""


class UnreadableModel(ModelError):
    """Weights or card are damaged, or were made by another make of the network."""


class TrainingFailed(ModelError):
    """The loss became NaN, or the memory ran out; the last good model is kept."""


class Interrupted(CausalVizError):
    """A process that did a piece of work was ended before its time."""


class StoreError(CausalVizError):
    """The project store cannot do what was asked."""


class UnknownRecord(StoreError):
    """No project, log, version or model of that id is in the store."""


class RevisionConflict(StoreError):
    """Somebody else saved the same project in between."""
