"""VPCs."""

from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses.dhcp_options import DHCPOptions


def tag_dhcp_options():
    """moto ignores the tags that DHCP options are made with."""
    create = DHCPOptions.create_dhcp_options

    def create_dhcp_options(self):
        before = set(self.ec2_backend.dhcp_options_sets)
        said = create(self)
        tags = self._parse_tag_specification().get("dhcp-options", {})
        for id in set(self.ec2_backend.dhcp_options_sets) - before:
            self.ec2_backend.dhcp_options_sets[id].add_tags(tags)
        return said

    DHCPOptions.create_dhcp_options = create_dhcp_options


def describe_rules_between_groups():
    """moto returns a rule's description only where the other side is an address range."""
    build = SecurityGroupRule.__init__

    def init(self, ec2_backend, ip_protocol, group_id, from_port, to_port, ip_range, *others, **named):
        build(self, ec2_backend, ip_protocol, group_id, from_port, to_port, ip_range, *others, **named)
        sides = [side for side in others[:2] if side]
        self.other_side = sides[0] if sides else {}

    def description(self):
        return {**self.other_side, **self.source_group, **self.ip_range}.get("Description")

    SecurityGroupRule.__init__, SecurityGroupRule.description = init, property(description)
