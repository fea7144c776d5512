"""Amazon S3."""

from moto.s3.models import FakeDeleteMarker


def let_delete_markers_go():
    """moto fails when the last version of an object that is deleted is a delete marker; S3 deletes it as any other."""
    FakeDeleteMarker.dispose = lambda self, garbage_collect=True: None
