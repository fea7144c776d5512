"""VPCs."""

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
