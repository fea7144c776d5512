//! Trouble around the application: network, edge, money, backups, drift, secrets, zones and regions.

use design::{Compute, EnvironmentDesign};

use super::services::ringing;
use super::{Runbook, alerted, cause, page, run, say, shown, ticket};
use crate::pipelines::scripts::FOLDER;
use crate::place::{Place, aws_in};

fn anything(_: &EnvironmentDesign) -> Option<String> {
    Some(String::new())
}

fn when(condition: bool) -> Option<String> {
    condition.then(String::new)
}

fn host(e: &EnvironmentDesign) -> bool {
    e.services.values().any(|s| s.public.as_ref().is_some_and(|p| p.host.is_some()))
}

fn site(e: &EnvironmentDesign) -> bool {
    e.services.values().any(|s| matches!(s.compute, Compute::StaticSite { .. }))
}

fn secrets(e: &EnvironmentDesign) -> bool {
    e.services.values().flat_map(|s| &s.uses).any(|u| u.target == spec::UseTarget::Secret)
}

fn certificates(p: &Place) -> String {
    p.aws("acm list-certificates --includes keyTypes=RSA_2048,EC_prime256v1 --query 'CertificateSummaryList[].[DomainName, Status, NotAfter]' --output table")
}

fn plan(p: &Place) -> String {
    let name = if p.environment.is_empty() { "\"$ENVIRONMENT\"" } else { &p.environment };
    if !p.automated() {
        return format!("terraform -chdir=infra/terraform/envs/{name} plan -lock=false");
    }
    format!(
        "{FOLDER}/fetch.sh {name} last-good && {FOLDER}/plan.sh {name} -lock=false && jq . plan/changes.json"
    )
}

/// What each firewall blocked within the hour. The one before content delivery is in a region of its own.
fn blocked(p: &Place) -> String {
    let unknown = [(p.region().to_owned(), "\"$WAF_LOG_GROUP\"".to_owned())];
    let logs = if p.firewall_logs().is_empty() { &unknown } else { p.firewall_logs() };
    let ask = |(region, group): &(String, String)| {
        let start = format!(
            "logs start-query --log-group-name {group} --start-time \"$(date -d '-1 hour' +%s)\" --end-time \"$(date +%s)\" --query-string 'filter action = \"BLOCK\" | stats count() as blocked by terminatingRuleId, httpRequest.uri | sort blocked desc | limit 20' --query queryId --output text"
        );
        let results = "logs get-query-results --query-id \"$query\" --query 'results[*][*].value'";
        format!("query=$({})\nsleep 5\n{}", aws_in(region, &start), aws_in(region, results))
    };
    logs.iter().map(ask).collect::<Vec<_>>().join("\n")
}

fn backups(p: &Place) -> String {
    p.aws("backup list-backup-jobs --by-state FAILED --query 'BackupJobs[].[CreationDate, ResourceArn, StatusMessage]' --output text")
}

fn costs(_: &Place) -> String {
    "aws ce get-cost-and-usage --time-period Start=$(date -d '-14 days' +%F),End=$(date +%F) --granularity DAILY --metrics UnblendedCost --group-by Type=DIMENSION,Key=SERVICE".to_owned()
}

fn secret_names(p: &Place) -> String {
    p.aws(&format!(
        "secretsmanager list-secrets --filters Key=name,Values={} --query 'SecretList[].[Name, LastChangedDate]' --output text",
        p.prefix()
    ))
}

pub(super) static RUNBOOKS: &[Runbook] = &[
    Runbook {
        slugs: &[ticket("egress-ports", "The gateway to the internet has no ports left")],
        applies: alerted,
        users: "calls to partners fail now and then: payments, mails, logins",
        first: &[
            run("See what else rings", ringing),
            say("Find which service opens the connections: flow logs, by source address"),
        ],
        causes: &[
            cause(
                "Connections are not kept",
                "one service opens thousands of short ones to the same partner",
            ),
            cause("A partner is slow", "connections live long and pile up"),
            cause(
                "A service of AWS is called through the gateway",
                "the addresses belong to AWS: an endpoint is missing",
            ),
        ],
        mend: &[
            say("Let the client keep and share its connections"),
            say("Give up on a slow partner sooner"),
            say("Add an endpoint in the network for the service of AWS"),
        ],
        verify: &[run("No error of the gateway for an hour", ringing)],
        escalate: "when payments or logins fail",
        afterwards: &["Keep a limit of connections for each partner"],
    },
    Runbook {
        slugs: &[page("site-errors", "Visitors of the site get errors")],
        applies: |e| when(site(e)),
        users: "error pages or a page without its files",
        first: &[
            say("Open the site in a private window: all of it, or one path"),
            run("See what else rings", ringing),
        ],
        causes: &[
            cause("Files are missing", "errors 403 or 404 on files of the last upload"),
            cause(
                "The service behind a path fails",
                "only paths that are sent to a service: go to that service's page",
            ),
            cause("A wrong file is kept at the edge", "it is well with a query string added"),
        ],
        mend: &[
            say("Upload the last good version again by the pipeline"),
            say(
                "Clear the edge: `aws cloudfront create-invalidation --distribution-id <id> --paths '/*'`, the id is in the stack's outputs",
            ),
        ],
        verify: &[say("The start page and its files answer with 200")],
        escalate: "after 15 minutes",
        afterwards: &["Let the pipeline upload new files first and the page that names them last"],
    },
    Runbook {
        slugs: &[ticket("waf-blocks", "The firewall blocks users")],
        applies: |e| when(e.network.firewall || e.network.site_firewall),
        users: "error 403 on forms, uploads or from one office",
        first: &[run("See which rule blocks what", blocked)],
        causes: &[
            cause("A rule takes a right request for an attack", "one rule, one path, many honest callers"),
            cause(
                "Many people behind one address",
                "the rule that limits requests by address; an office or a mobile network",
            ),
            cause("An attack", "many paths that do not exist, from few networks: the firewall does its work"),
        ],
        mend: &[
            say("Set the one rule to count for the one path, in the infrastructure code, and apply"),
            say("Raise the limit for the address"),
        ],
        verify: &[run("The rule no longer blocks the path", blocked)],
        escalate: "to security when it is an attack that gets through",
        afterwards: &["Add the honest request to the smoke test"],
    },
    Runbook {
        slugs: &[page("certificate", "A certificate or name does not work")],
        applies: |e| when(host(e)),
        users: "the browser warns, or finds nothing under the name",
        first: &[
            run("See the certificates and how long they are valid", certificates),
            say(
                "See what the world sees: `openssl s_client -connect <host>:443 -servername <host> </dev/null | openssl x509 -noout -subject -enddate`",
            ),
            say("See the name: `dig +short <host>`"),
        ],
        causes: &[
            shown(
                "The record that proves the domain is gone",
                "the certificate waits for validation or was not renewed",
                certificates,
            ),
            cause("The name points elsewhere", "`dig` does not answer with the load balancer or the edge"),
            cause("The wrong certificate", "its subject is another name"),
        ],
        mend: &[
            say("Put the validation record back; renewal follows by itself"),
            say("Point the name at the address in the stack's outputs"),
        ],
        verify: &[run("The certificate is `ISSUED`, and the browser is content", certificates)],
        escalate: "to whoever holds the domain",
        afterwards: &["Watch the days left with the probe: `probe_ssl_earliest_cert_expiry`"],
    },
    Runbook {
        slugs: &[ticket("budget", "It costs more than was agreed")],
        applies: alerted,
        users: "nothing",
        first: &[run("See which service of AWS grew, and since when", costs)],
        causes: &[
            cause("More traffic", "compute, data transfer and logs grow together with requests"),
            cause("Logs or metrics", "CloudWatch grew by itself: a log level or a new label"),
            cause("Data transfer", "traffic between zones or through the gateway grew"),
            cause("Something was left behind", "resources without this application's tags, or old snapshots"),
            cause(
                "A stolen key",
                "services or regions that this application does not use: go to the page for a leaked secret at once",
            ),
        ],
        mend: &[
            say("Put the cause back"),
            say("Change the spec and let the design say what it saves"),
            say("Raise `budget` when the growth is wanted"),
        ],
        verify: &[run("The days after are as before", costs)],
        escalate: "when the month's forecast is twice the budget, or at once when a key may be stolen",
        afterwards: &["Write the growth into the next budget"],
    },
    Runbook {
        slugs: &[page("backup-failed", "A backup failed")],
        applies: |e| when(e.recovery.backup_days > 0),
        users: "nothing, until a restore is needed",
        first: &[run("See which and why", backups)],
        causes: &[
            cause(
                "The role may not read the store or use its key",
                "the message says access denied; it began with an apply",
            ),
            cause("The store was busy or being changed", "one failure, in its maintenance window"),
            cause("The copy's region or vault refuses", "the backup is there, its copy is not"),
        ],
        mend: &[
            say("Mend the role or key in the infrastructure code and apply"),
            say("Start the backup again: `aws backup start-backup-job`; do not wait for the next night"),
        ],
        verify: &[run("No new failures, and the newest recovery point is younger than a day", backups)],
        escalate: "when the newest good backup is older than the recovery point objective",
        afterwards: &["Restore the newest one into a network of its own and compare"],
    },
    Runbook {
        slugs: &[ticket("drift", "The cloud is not what the code says")],
        applies: anything,
        users: "nothing, or a surprise at the next deployment",
        first: &[run("See what differs: an empty list means that nothing does", plan)],
        causes: &[
            cause("Somebody changed it by hand", "the audit trail (CloudTrail) names a person"),
            cause("The cloud changed it", "a version or default that the service moved by itself"),
            cause("An apply stopped half way", "the last deployment is red"),
        ],
        mend: &[
            say("What was right: write it into the code"),
            say("What was wrong: apply, after reading every line of the plan"),
            say("A plan that would replace a store is never applied to undo drift"),
        ],
        verify: &[run("The plan is empty", plan)],
        escalate: "when the change opened something to the internet",
        afterwards: &["Take the right to change it by hand away"],
    },
    Runbook {
        slugs: &[ticket("secret-rotation", "Secrets are due")],
        applies: |e| when(secrets(e)),
        users: "nothing, when it is done in the right order",
        first: &[run("See which are old", secret_names)],
        causes: &[
            cause("The reminder rang", "nothing is wrong: it is time"),
            cause("A person with access left", "treat it as a leak when in doubt"),
        ],
        mend: &[
            say("Make a second one at the party that issued it, without removing the first"),
            say("Put it into the store as a new version, as the deployment page says"),
            say("Replace the service's copies, so that they read it"),
            say("Remove the first one when nothing uses it any more"),
        ],
        verify: &[run("The date is today's and the services are well", secret_names)],
        escalate: "when the issuer cannot have two at a time: agree on a quiet hour",
        afterwards: &["Write down the next date"],
    },
    Runbook {
        slugs: &[page("secret-leaked", "A secret leaked")],
        applies: anything,
        users: "nothing at first; then actions that nobody took",
        first: &[
            say("Make it worthless now: remove it at the party that issued it, even if that hurts users"),
            run("Find when it was changed last and which others lie beside it", secret_names),
            run("See what was done with this application's roles", |p| {
                p.aws("cloudtrail lookup-events --max-results 50 --query 'Events[].[EventTime, EventName, Username]' --output text")
            }),
        ],
        causes: &[
            cause(
                "In the repository",
                "the history holds it: a secret in a commit is public, even when removed later",
            ),
            cause("In a log or an error", "search the log groups for the first characters"),
            cause(
                "A machine or account was taken over",
                "calls from addresses or at hours that are not yours",
            ),
        ],
        mend: &[
            say("Issue a new one and put it into the store"),
            say("Replace every copy of the services that use it"),
            say("Rotate what could be read with it too"),
        ],
        verify: &[say("The old one is refused, and no unknown call was made for a day")],
        escalate: "at once, to security; the law may ask for a notice within 72 hours when personal data was within reach",
        afterwards: &[
            "Find how it got out and close that way",
            "Remove it from the history, knowing that this does not undo the leak",
        ],
    },
    Runbook {
        slugs: &[page("zone-lost", "A zone is away")],
        applies: anything,
        users: "errors for a minute or two while parts move",
        first: &[
            say("See what AWS says: the health page of the account"),
            run("See which zone the failing parts share", ringing),
            say("Do not restart what is well: capacity in the other zones is what everybody wants now"),
        ],
        causes: &[
            cause("The zone", "parts of different kinds fail, all in one zone"),
            cause(
                "One gateway for all zones",
                "copies in every zone run, and only calls to the internet fail",
            ),
            cause("Not the zone", "the failing parts share a release or a store, not a zone"),
        ],
        mend: &[
            say("With a standby: let it take over, see the page for the database"),
            say("Stores with one copy: restore into another zone, as the page for disaster recovery says"),
            say("If AWS offers a zonal shift for the load balancer, take the zone out"),
        ],
        verify: &[run("No alarm rings and the copies run in the zones that are left", ringing)],
        escalate: "at once when a store has no copy in another zone",
        afterwards: &[
            "Measure how long it took and hold it against the recovery time objective",
            "Try it once a quarter by hand",
        ],
    },
    Runbook {
        slugs: &[page("region-lost", "The region is away")],
        applies: anything,
        users: "nothing answers",
        first: &[
            say("See what AWS says; most regional failures are one service, not all"),
            say("Say so to users on a page that does not live in the region"),
            say("Decide within the hour whether to wait or to move: moving back costs a second outage"),
        ],
        causes: &[
            cause("One service of the region", "only parts of one kind fail"),
            cause("The region", "nothing answers, and the health page says so"),
            cause("Only you", "others in the region are well: the account, a quota, a name or a certificate"),
        ],
        mend: &[
            say(
                "Where copies are kept in a second region: build the environment there from this code and restore, as the page for disaster recovery says",
            ),
            say("Where none are kept: wait; the data is in the region"),
            say("Point the names at the new place last"),
        ],
        verify: &[say("The smoke test of every public service passes against the new place")],
        escalate: "at once, to the product owner: how much may be lost is not yours to decide",
        afterwards: &["Hold time and loss against the objectives, and correct one of them"],
    },
];
