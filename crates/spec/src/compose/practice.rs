//! Compose files as people write them: what an engineer who reads one would make of it, a table a habit.

use super::tests::{env, ids, import, import_with, service, uses};
use crate::{Protocol, ResourceType, Source};

/// Port, whether the internet reaches it, and protocol of the service `a`.
fn door(text: &str) -> (Option<u16>, bool, Protocol) {
    let import = import(text);
    let a = service(&import, "a");
    (a.port.as_ref().map(|p| p.value), a.public.value, a.protocol)
}

#[test]
fn a_port_is_found_where_people_write_it() {
    for (text, port, public) in [
        ("services: {a: {image: x, ports: ['5678:5678']}}", Some(5678), true),
        ("services: {a: {image: x, ports: ['5005:5005', '8080:8080']}}", Some(8080), true),
        (
            "services: {a: {image: x, ports: ['127.0.0.1:28080:28080'], environment: {PORT: 8000}}}",
            Some(28080),
            false,
        ),
        ("services: {a: {image: x, command: gunicorn app --bind 0.0.0.0:8001}}", Some(8001), false),
        ("services: {a: {image: x, command: [uvicorn, app, '--port=8002']}}", Some(8002), false),
        ("services: {a: {image: x, command: bash -c 'rails s -p 3001'}}", Some(3001), false),
        ("services: {a: {image: clickhouse/clickhouse-server}}", Some(8123), false),
        ("services: {a: {image: x, command: run worker}}", None, false),
    ] {
        let (found, reached, _) = door(text);
        assert_eq!((found, reached), (port, public), "{text}");
    }
    assert_eq!(door("services: {a: {image: 'php:8-fpm', expose: [9000]}}").2, Protocol::Tcp);
    assert_eq!(door("services: {a: {image: 'nats:2'}}").2, Protocol::Tcp);
    assert_eq!(door("services: {a: {image: x, expose: [9000]}}").2, Protocol::Http);
}

#[test]
fn a_worker_has_no_port_though_it_shares_image_and_settings() {
    let docker = [("app/Dockerfile", "FROM ruby\nEXPOSE 3000\n"), ("app/shared.env", "PORT=3000\n")];
    for (web, worker) in [
        (
            "build: ., env_file: shared.env, ports: ['3000:3000']",
            "build: ., env_file: shared.env, command: sidekiq",
        ),
        ("build: ., env_file: shared.env, command: rails s, expose: [3000]", "build: ., entrypoint: sidekiq"),
        ("build: .", "build: ., command: queue"),
        (
            "image: x, env_file: shared.env, ports: ['3000']",
            "image: x, env_file: shared.env, command: [work]",
        ),
    ] {
        let text = format!("services: {{a: {{{web}}}, w: {{{worker}}}}}");
        let (import, diagnostics) = import_with(&text, &docker);
        assert!(!diagnostics.has_errors(), "{text}: {diagnostics:#?}");
        assert_eq!(service(&import, "a").port.as_ref().map(|p| p.value), Some(3000), "{text}");
        assert_eq!(service(&import, "w").port, None, "{text}");
    }
}

#[test]
fn copies_of_a_store_are_one_resource() {
    for (stores, setting, expected, count) in [
        (
            "k1: {image: cp-kafka}, k2: {image: cp-kafka}, k3: {image: cp-kafka}",
            "K: 'k1:9092,k2:9092, k3:9092'",
            "${k1.brokers}",
            1,
        ),
        ("k1: {image: cp-kafka}", "K: 'PLAINTEXT://k1:9092'", "${k1.brokers}", 1),
        (
            "m1: {image: 'mongo:5'}, m2: {image: 'mongo:5'}",
            "K: 'mongodb://m1:27017,m2:27017/app?replicaSet=rs0'",
            "${K}",
            1,
        ),
        (
            "e1: {image: elasticsearch, environment: {discovery.seed_hosts: e2}}, e2: {image: elasticsearch}",
            "K: 'http://e1:9200,http://e2:9200'",
            "${e1.url}",
            1,
        ),
        ("r1: {image: redis}, r2: {image: redis}", "K: 'redis://r1:6379'", "${r1.url}", 2),
        (
            "d1: {image: postgres}, d2: {image: postgres}",
            "K: 'http://d1:5432,http://d2:5432'",
            "http://${d1.host}:${d1.port},http://${d2.host}:${d2.port}",
            2,
        ),
    ] {
        let text = format!("services: {{a: {{image: x, environment: {{{setting}}}}}, {stores}}}");
        let import = import(&text);
        assert_eq!(env(&import, "a", "K"), expected, "{text}");
        assert_eq!(import.spec.resources.len(), count, "{text}");
    }
}

#[test]
fn a_store_of_unknown_make_is_known_by_its_data_and_settings() {
    for (container, expected) in [
        (
            "image: acme/pg-plus, environment: {POSTGRES_USER: u}, volumes: ['data:/var/lib/postgresql/data']",
            true,
        ),
        ("image: acme/fast, environment: {MYSQL_DATABASE: d}, volumes: ['./d:/var/lib/mysql']", true),
        ("image: acme/backup, environment: {POSTGRES_HOST: x}, volumes: ['data:/backups']", false),
        ("image: acme/postgres-tool, environment: {POSTGRES_HOST: x}", false),
        ("image: acme/files, volumes: ['data:/var/lib/mysql']", false),
    ] {
        let import = import(&format!("services: {{a: {{image: x}}, s: {{{container}}}}}"));
        assert_eq!(import.spec.resources.contains_key("s"), expected, "{container}");
    }
}

#[test]
fn a_password_is_the_stores_only_when_it_must_be() {
    let text = |setting: &str, value: &str| {
        format!(
            "services: {{a: {{image: x, depends_on: [db], environment: {{{setting}: {value}}}}}, \
             db: {{image: postgres, environment: {{POSTGRES_USER: me, POSTGRES_PASSWORD: {value}}}}}}}"
        )
    };
    for (setting, value, expected) in [
        ("POSTGRES_PWD", "short", "${db.password}"),
        ("APP_DB_PASS", "short", "${db.password}"),
        ("ADMIN_PASSWORD", "short", "${ADMIN_PASSWORD}"),
        ("ADMIN_PASSWORD", "a-long-password-of-its-own", "${db.password}"),
        ("POSTGRES_USER", "me", "${db.user}"),
        ("ADMIN_USER", "me", "me"),
    ] {
        assert_eq!(env(&import(&text(setting, value)), "a", setting), expected, "{setting} {value}");
    }
    let database = |text: &str| import(text).spec.resources["db"].database.clone();
    assert_eq!(
        database(&text("X", "y")).as_deref(),
        Some("me"),
        "PostgreSQL's image names it after the user"
    );
    let mysql = "services: {a: {image: x}, db: {image: mysql, environment: {MYSQL_USER: me}}}";
    assert_eq!(database(mysql), None);
}

#[test]
fn a_bucket_is_called_as_the_cloud_calls_it() {
    let text = "services: {a: {image: x, environment: {S3_ENDPOINT: 'http://m:9000', S3_BUCKET: up, BUCKET_NAME: up, \
                BUCKET_LIST: x}}, m: {image: minio/minio}, b: {image: x, environment: {S3_BUCKET: far}}}";
    let import = import(text);
    for (service, key, expected) in [
        ("a", "S3_BUCKET", "${m.name}"),
        ("a", "BUCKET_NAME", "${m.name}"),
        ("a", "BUCKET_LIST", "x"),
        ("b", "S3_BUCKET", "far"),
    ] {
        assert_eq!(env(&import, service, key), expected, "{service} {key}");
    }
}

#[test]
fn a_router_of_the_engine_tells_who_is_public_and_by_which_name() {
    for (container, public, host) in [
        ("labels: ['traefik.http.routers.a.rule=Host(`a.example.com`)']", true, Some("a.example.com")),
        (
            "deploy: {labels: ['traefik.http.routers.a.rule=Host(`a.example.com`)']}",
            true,
            Some("a.example.com"),
        ),
        ("labels: ['traefik.http.routers.a.rule=Host(`a.localhost`)']", true, None),
        ("labels: ['traefik.http.routers.a.rule=Host(`a.example.com`) && PathPrefix(`/x`)']", true, None),
        ("labels: ['traefik.enable=true']", true, None),
        ("labels: ['traefik.enable=false']", false, None),
        ("environment: {VIRTUAL_HOST: 'a.example.com,b.example.com'}", true, Some("a.example.com")),
        ("labels: {caddy: 10.0.0.1}", true, None),
    ] {
        let import = import(&format!("services: {{a: {{image: x, expose: [80], {container}}}}}"));
        let a = service(&import, "a");
        assert_eq!(a.public.value, public, "{container}");
        assert_eq!(a.host.as_ref().map(|h| h.value.as_str()), host, "{container}");
    }
    let twice = "services: {a: {image: x, expose: [80], labels: {caddy: a.example.com}}, \
                 b: {image: y, expose: [80], labels: {caddy: a.example.com}}}";
    assert_eq!(service(&import(twice), "b").host, None, "a name leads to one service");
}

#[test]
fn a_web_server_with_nothing_but_files_is_a_site() {
    for (container, folder) in [
        (
            "image: 'nginx:alpine', volumes: ['./public:/usr/share/nginx/html:ro'], ports: ['80:80']",
            Some("./public"),
        ),
        ("image: httpd, volumes: ['./dist:/usr/local/apache2/htdocs/'], ports: ['80:80']", Some("./dist")),
        (
            "image: nginx, volumes: ['./a:/usr/share/nginx/html', './c.conf:/etc/nginx/nginx.conf'], ports: ['80']",
            None,
        ),
        ("image: nginx, volumes: ['/srv/a:/usr/share/nginx/html'], ports: ['80']", None),
        ("image: nginx, volumes: ['data:/usr/share/nginx/html'], ports: ['80']", None),
        ("image: nginx, volumes: ['./a:/app'], ports: ['80']", None),
        ("image: x, volumes: ['./a:/usr/share/nginx/html'], ports: ['80']", None),
    ] {
        let import = import(&format!("services: {{a: {{{container}}}}}"));
        let a = service(&import, "a");
        let found = match &a.source {
            Source::Static(folder) => Some(folder.as_str()),
            _ => None,
        };
        assert_eq!(found, folder, "{container}");
        assert!(a.public.value && (found.is_none() || a.port.is_none()), "{container}");
    }
}

#[test]
fn profiles_hide_what_is_optional_and_not_the_whole_application() {
    let app = "services: {a: {image: x, profiles: [app]}, db: {image: postgres}, t: {image: adminer, profiles: [x]}}";
    let import = import(app);
    assert!(import.spec.services.keys().eq(["a"]), "{:?}", import.spec.services.keys());
    assert_eq!(*import.spec.resources["db"].ty, ResourceType::Postgres);
    let both = "services: {a: {image: x}, b: {image: y, profiles: [more]}}";
    for (dotenv, expected) in [
        ("", 1),
        ("COMPOSE_PROFILES=other\n", 1),
        ("COMPOSE_PROFILES=other,more\n", 2),
        ("COMPOSE_PROFILES=*\n", 2),
    ] {
        let (import, _) = import_with(both, &[("app/.env", dotenv)]);
        assert_eq!(import.spec.services.len(), expected, "{dotenv}");
    }
}

#[test]
fn what_ends_and_what_runs_nothing_is_told_apart() {
    for (policy, once) in [
        ("", true),
        ("restart: 'no', ", true),
        ("restart: on-failure, ", true),
        ("deploy: {restart_policy: {condition: on-failure}}, ", true),
        ("restart: always, ", false),
        ("restart: unless-stopped, ", false),
    ] {
        let import = import(&format!("services: {{a: {{image: x}}, db-migrate: {{{policy}image: x}}}}"));
        assert_eq!(service(&import, "db-migrate").once, once, "{policy}");
    }
    for (disk, left) in [
        ("image: busybox", true),
        ("image: busybox, command: 'true'", true),
        ("image: busybox, command: serve", false),
        ("image: x, ports: ['80:80']", false),
    ] {
        let import = import(&format!("services: {{a: {{image: x, volumes_from: ['d:ro']}}, d: {{{disk}}}}}"));
        assert_eq!(!import.spec.services.contains_key("d"), left, "{disk}");
    }
}

#[test]
fn a_project_is_called_as_compose_calls_it() {
    let named = |text: &str, dotenv: &str| import_with(text, &[("app/.env", dotenv)]).0.spec.name.value;
    assert_eq!(named("services: {a: {image: x}}", ""), "app");
    assert_eq!(named("services: {a: {image: x}}", "COMPOSE_PROJECT_NAME=Big_Shop\n"), "big-shop");
    assert_eq!(named("name: own\nservices: {a: {image: x}}", "COMPOSE_PROJECT_NAME=other\n"), "own");
}

#[test]
fn one_mistake_is_one_error() {
    for text in [
        "services: {a: {image: 'x:${TAG:?none}'}}",
        "services: {a: }",
        "services: [a]",
        "a: {image: x}\nb: {build: .}\n",
        "services: {a: {extends: b, image: x}, b: {extends: a}}",
    ] {
        let found = ids(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
    }
    let import = import("services: {a: {image: x, depends_on: [db]}, db: {image: postgres}}");
    assert_eq!(uses(&import, "a"), ["db"]);
}
