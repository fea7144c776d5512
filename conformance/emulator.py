"""The AWS emulator that bundles are applied to: moto's server with what it gets wrong put right.

    python3 emulator.py -H HOST -p PORT

Only what makes a correct configuration fail is repaired here, each with its reason.
"""

import uuid

from moto.rds import models
from moto.server import main


def give_instances_their_own_resource_id():
    """moto 5.2.1 gives every RDS instance the same DbiResourceId. The provider reads instances back by it,
    finds two as soon as there are two databases, and reports that the resource does not exist."""
    build = models.DBInstance.__init__

    def init(self, *args, **kwargs):
        build(self, *args, **kwargs)
        self.dbi_resource_id = f"db-{uuid.uuid4().hex[:26].upper()}"

    models.DBInstance.__init__ = init


if __name__ == "__main__":
    give_instances_their_own_resource_id()
    main()
