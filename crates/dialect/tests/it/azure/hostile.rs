//! Files that somebody made to do harm, or that went wrong: bounded work and a diagnostic.

use super::{ids, read, shown};

const HEAD: &str = r#""$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0""#;

fn json(body: &str) -> String {
    format!("{{ {HEAD}, {body} }}")
}

fn site(properties: &str) -> String {
    format!(
        r#""resources": [ {{ "type": "Microsoft.Web/sites", "apiVersion": "2023-01-01", "name": "s", "properties": {{ "p": {properties} }} }} ]"#
    )
}

#[test]
fn templates_that_ask_for_too_much_are_read_in_bounded_time() {
    let doubled: Vec<String> = (1..60)
        .map(|n| format!(r#""v{n}": "[concat(variables('v{}'), variables('v{}'))]""#, n - 1, n - 1))
        .collect();
    let lists: Vec<String> = (1..60)
        .map(|n| format!(r#""v{n}": "[createArray(variables('v{}'), variables('v{}'))]""#, n - 1, n - 1))
        .collect();
    let chain: Vec<String> = (1..5_000).map(|n| format!(r#""v{n}": "[variables('v{}')]""#, n - 1)).collect();
    let with = |all: &[String], last: usize| {
        json(&format!(
            r#""variables": {{ "v0": "x", {} }}, {}"#,
            all.join(","),
            site(&format!(r#""[variables('v{last}')]""#))
        ))
    };
    let repeat = |count: &str| {
        json(&format!(
            r#""resources": [ {{ "type": "Microsoft.Web/sites", "apiVersion": "1", "name": "[string(copyIndex())]", "copy": {{ "name": "c", "count": {count} }} }} ]"#
        ))
    };
    let nested = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    let deep = site(&format!("\"[{}1{}]\"", "add(1,".repeat(10_000), ")".repeat(10_000)));
    for (text, id) in [
        (with(&doubled, 59), Some("too-large")),
        (with(&lists, 59), Some("too-large")),
        (with(&chain, 4_999), Some("too-deep")),
        (repeat("1000000000"), Some("too-many-instances")),
        (repeat("\"[mul(100000, 100000)]\""), Some("too-many-instances")),
        (repeat("-1"), None),
        (json(&deep), Some("invalid-expression")),
        (json(&site(&nested)), Some("too-deep")),
        (
            json(
                r#""variables": { "a": "[variables('b')]", "b": "[variables('a')]" }, "resources": [ { "type": "A.B/c", "name": "[variables('a')]" } ]"#,
            ),
            Some("cycle"),
        ),
        (json(&site("\"[padLeft('', 1000000000)]\"")), None),
        (json(&site("\"[range(0, 1000000000)]\"")), None),
        (json(r#""resources": [ { "name": "no type" }, 5, "text", null, [] ]"#), Some("not-a-resource")),
        (
            json(
                r#""resources": "text", "parameters": [], "variables": 5, "outputs": null, "functions": {} "#,
            ),
            None,
        ),
        (json(&site("\"[open\"")), None),
        (format!("{{ {HEAD}, \"resources\": [ {{ \"type\": "), Some("invalid-json")),
    ] {
        let (_, said) = read("arm", &[("main.json", &text)]);
        let start: String = text.chars().skip(150).take(80).collect();
        match id {
            Some(id) => assert!(ids(&said).contains(&id), "{id}: {said:?} {start}"),
            None => assert!(said.is_empty(), "{said:?} {start}"),
        }
    }
}

#[test]
fn bicep_that_nests_without_end_is_refused() {
    let cases = [
        format!("var v = {}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("var v = {}1{}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("var v = {}", "!".repeat(10_000)),
        format!("var v = {}", "{a:".repeat(10_000)),
        format!("var v = {}x", "'${".repeat(10_000)),
        format!("var v = 1{}", " + 1".repeat(10_000)),
        format!("var v = a{}", ".b".repeat(10_000)),
        format!("var v = {}", "true ? 1 : ".repeat(10_000)),
        format!("var v = {}", "x => ".repeat(10_000)),
        format!("var v = {}", "[for x in y: ".repeat(10_000)),
        format!("param p {}", "{".repeat(10_000)),
        "resource r 'A.B/c@1' = {\n".repeat(10_000),
    ];
    for text in cases {
        let (_, said) = read("bicep", &[("main.bicep", &text)]);
        assert!(ids(&said).contains(&"invalid-bicep"), "{}", text.chars().take(40).collect::<String>());
    }
}

#[test]
fn files_that_lead_nowhere_or_to_themselves() {
    let main = "module a 'main.bicep' = {\n  name: 'a'\n}\nmodule b '../out.bicep' = {\n  name: 'b'\n}\n\
                module c 'missing.bicep' = {\n  name: 'c'\n}\nmodule d 'two.bicep' = {\n  name: 'd'\n}\n\
                resource s 'Microsoft.Web/sites@2023-01-01' = {\n  name: 's'\n  t: loadTextContent('/etc/passwd')\n  u: loadTextContent('../x')\n}\n";
    let two = "module e 'start.bicep' = {\n  name: 'e'\n}\n";
    let (reading, said) = read("bicep", &[("start.bicep", main), ("two.bicep", two), ("main.bicep", "")]);
    let said = ids(&said);
    for id in ["outside-folder", "missing-file", "template-cycle"] {
        assert!(said.contains(&id), "{id}: {said:?}");
    }
    assert!(shown(&reading).contains("leads out of the folder") || reading.stacks.is_empty());
}

#[test]
fn a_file_larger_than_any_template_is_not_read() {
    let padding = " ".repeat(17 << 20);
    let (reading, said) = read("arm", &[("big.json", &padding), ("main.json", &json("\"resources\": []"))]);
    assert_eq!((ids(&said), reading.stacks.len()), (vec![], 1));
    let big = "module m 'big.json' = {\n  name: 'm'\n}\n";
    let (reading, said) = read("bicep", &[("main.bicep", big), ("big.json", &padding)]);
    assert_eq!((ids(&said), reading.counts.lost), (vec!["too-large"], 1));
}

#[test]
fn anything_at_all_is_read_without_a_panic() {
    let texts = [
        "",
        "{",
        "}",
        "[]",
        "null",
        "\u{feff}{}",
        "\0",
        "'",
        "'''",
        "${",
        "/*",
        "//",
        "#",
        "@",
        "param",
        "resource",
        "using",
        "\"$schema\"",
        "{\"a\": \"[\"}",
        "{\"a\": \"\\ud83d\\ude00 \\ud83d\"}",
        "var x =\r\n",
        "targetScope",
        "\u{1f980} = 1",
    ];
    for text in texts {
        for wrapped in
            [text.to_owned(), format!("var a = {text}"), format!("{{ {HEAD}, \"resources\": {text} }}")]
        {
            let (_, _) = read("bicep", &[("main.bicep", &wrapped)]);
            let with_schema = format!("{wrapped}//deploymentTemplate.json");
            let (_, _) = read("arm", &[("main.json", &with_schema)]);
        }
    }
}
