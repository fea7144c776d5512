"""The AWS emulator that bundles are applied to: moto's server with what it gets wrong put right.

    python3 conformance/emulator -H HOST -p PORT

Only what makes a correct configuration fail is repaired, each repair a function that says what moto 5.2.1 does
and what AWS documents. A repair makes the emulator answer as AWS does; it never bends what is judged. The files
are one a service, and none of them knows the bundles.
"""

from backups import find_tags_by_name, keep_selections, update_plans
from budgeting import answer_subscribers_and_tags
from caches import (
    create_member_clusters,
    delete_subnet_groups,
    forget_deleted_groups,
    name_groups_and_networks,
)
from containers import keep_service_settings
from content_delivery import keep_functions, return_what_a_distribution_has
from databases import (
    accept_documentdb,
    give_instances_their_own_resource_id,
    name_the_certificate_authority,
    return_monitoring_settings,
    return_parameters_that_were_set,
    scale_only_what_is_serverless,
)
from deployments import change_and_delete, return_alarms, tell_times_as_numbers
from identity import know_the_managed_policies, leave_conditional_statements_alone
from moto.server import main
from networks import describe_rules_between_groups, tag_dhcp_options
from prometheus import keep_alert_manager_definitions
from queues import keep_policies, print_compact_policies
from scaling import keep_tags
from secrets_manager import rotate_what_services_manage
from storage import let_delete_markers_go

REPAIRS = (
    leave_conditional_statements_alone,
    know_the_managed_policies,
    tag_dhcp_options,
    describe_rules_between_groups,
    keep_service_settings,
    give_instances_their_own_resource_id,
    name_the_certificate_authority,
    return_monitoring_settings,
    return_parameters_that_were_set,
    scale_only_what_is_serverless,
    accept_documentdb,
    create_member_clusters,
    name_groups_and_networks,
    forget_deleted_groups,
    delete_subnet_groups,
    keep_selections,
    find_tags_by_name,
    update_plans,
    answer_subscribers_and_tags,
    keep_functions,
    return_what_a_distribution_has,
    change_and_delete,
    return_alarms,
    tell_times_as_numbers,
    keep_tags,
    rotate_what_services_manage,
    print_compact_policies,
    keep_policies,
    let_delete_markers_go,
    keep_alert_manager_definitions,
)

if __name__ == "__main__":
    for repair in REPAIRS:
        repair()
    main()
