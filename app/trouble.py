"""What can keep Boussole from starting: each one clear sentence; the exit code says that the machine is to blame."""


class Trouble(Exception):
    """Something outside of the product keeps it from starting."""


class BadPort(Trouble):
    """`PORT` is no number of a port that we may use."""


class BadAddress(Trouble):
    """`PUBLIC_URL` is no address."""


class PortTaken(Trouble):
    """Another program listens on a port that is needed."""


class DiskFull(Trouble):
    """There is no room left for the data."""


class NoNetwork(Trouble):
    """Something must be downloaded and cannot be."""


class DatabaseNewer(Trouble):
    """The database was migrated by a newer version of the code."""


class BadSetting(Trouble):
    """A setting of the environment cannot be meant."""
