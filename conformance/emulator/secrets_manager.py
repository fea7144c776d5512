"""Secrets Manager."""

from moto.secretsmanager.models import SecretsManagerBackend as Backend


def rotate_what_services_manage():
    """moto refuses to cancel the rotation of a secret that has no function of its own. A secret that RDS manages
    never has one: RDS rotates it, and its schedule is changed and given up like any other. That AWS accepts the
    cancellation follows from the interface's description and was not tried on an account."""
    cancel = Backend.cancel_rotate_secret

    def cancel_rotate_secret(self, secret_id):
        secret = self.secrets[secret_id] if self._is_valid_identifier(secret_id) else None
        if secret is None or not secret.name.startswith("rds!") or secret.is_deleted():
            return cancel(self, secret_id)
        secret.rotation_enabled = False
        return secret.to_short_dict()

    Backend.cancel_rotate_secret = cancel_rotate_secret
