//! Bicep.

use super::{has, ids, read, shown};

#[test]
fn modules_loops_conditions_and_texts() {
    let main = r#"
targetScope = 'subscription'

@description('Where everything is made.')
param location string = 'westeurope'
@allowed(['dev', 'prod'])
param environment string
@secure()
param token string
param zones string[] = ['a', 'b']
param apps object = {
  api: { port: 8080 }
  web: { port: 80 }
}
type Size = 'small' | 'large' // a comment
param size Size = 'small'

func named(what string) string => 'shop-${what}'
var tags = { app: 'shop', env: environment }

resource group 'Microsoft.Resources/resourceGroups@2022-09-01' = {
  name: named('${environment}-rg')
  location: location
  tags: tags
}

module network 'modules/network.bicep' = {
  name: 'network'
  scope: group
  params: { location: location, zones: zones }
}

module app 'modules/app.bicep' = [for item in items(apps): if (item.key != 'none') {
  scope: group
  name: 'app-${item.key}'
  params: {
    name: item.key
    port: item.value.port
    subnet: network.outputs.subnets[0]
    token: token
    large: size == 'small' ? false : true
  }
}]

output ids array = [for (item, i) in items(apps): app[i].outputs.id]
"#;
    let network = r#"
param location string
param zones array
var base = '10.0.0.0/16'

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2023-09-01' = {
  name: 'vnet'
  location: location
  properties: {
    addressSpace: { addressPrefixes: [base] }
  }

  resource appsSubnet 'subnets' = [for (zone, i) in zones: {
    name: 'apps-${zone}'
    properties: {
      addressPrefix: cidrSubnet(base, 24, i)
      ...(i == 0 ? { first: true } : {})
    }
  }]
}

output subnets array = [for (zone, i) in zones: virtualNetwork::appsSubnet[i].id]
"#;
    let app = r#"
param name string
param port int
param subnet string
@secure()
param token string
param large bool

resource containerApp 'Microsoft.App/containerApps@2024-03-01' = {
  name: name
  location: resourceGroup().location
  properties: {
    configuration: {
      secrets: [{ name: 'token', value: token }]
      ingress: { targetPort: port }
    }
    subnet: subnet
    cpu: json('0.5')
    script: '''
first
  'second' ${not}
'''
    missing: large ? 'x' : null
    text: 'it\'s \u{1f980} ${port}/${toUpper(name)}'
    first: first(filter(['b', 'a'], x => x == 'a'))
    total: reduce([1, 2, 3], 0, (sum, n) => sum + n)
    safe: {}.?nothing ?? 'default'
    sorted: sort([3, 1, 2], (a, b) => a < b)
    negative: -1
    math: (1 + 2) * 3 - 4 / 2 % 3
    logic: !(1 >= 2) && ('A' =~ 'a' || false)
  }
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(containerApp.id, 'x')
  scope: containerApp
  properties: { principalId: containerApp.identity.principalId }
  dependsOn: [lock]
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (port > 1) {
  name: 'l'
  scope: containerApp
}

resource none 'Microsoft.Authorization/locks@2020-05-01' = if (port > 100000) {
  name: 'n'
}

output id string = containerApp.id
"#;
    let param = "using 'main.bicep'\nvar e = 'pr'\nparam environment = '${e}od'\nparam token = readEnvironmentVariable('TOKEN')\n";
    let files = [
        ("main.bicep", main),
        ("production.bicepparam", param),
        ("modules/network.bicep", network),
        ("modules/app.bicep", app),
    ];
    let (reading, said) = read("bicep", &files);
    assert!(said.is_empty(), "{said:#?}");
    assert_eq!(reading.stacks.len(), 1);
    assert_eq!(reading.stacks[0].name, "production");
    has(
        &reading,
        &[
            "Microsoft.Resources/resourceGroups.group",
            "name = 'shop-' + environment='prod' + '-rg'",
            "tags.env = environment='prod'",
            "module.network.Microsoft.Network/virtualNetworks/subnets.apps[\"a\"]",
            "properties.addressPrefix = '10.0.1.0/24'",
            "properties.first = true",
            "resourceGroup = Microsoft.Resources/resourceGroups.group.name",
            "module.app.api.Microsoft.App/containerApps.this",
            "location = Microsoft.Resources/resourceGroups.group.location",
            "properties.subnet = module.network.Microsoft.Network/virtualNetworks/subnets.apps[\"a\"].id",
            "properties.cpu = 0.5",
            "properties.text = 'it's \u{1f980} ' + port=8080 + '/API'",
            "properties.first = 'a'",
            "properties.total = 6",
            "properties.safe = 'default'",
            "properties.sorted[0] = 1",
            "properties.negative = -1",
            "properties.math = 7",
            "properties.logic = true",
            "scope = module.app.api.Microsoft.App/containerApps.this.id",
            "after module.app.api.Microsoft.Authorization/locks.this",
            "output .ids[1] = module.app.web.Microsoft.App/containerApps.this.id",
        ],
    );
    let text = shown(&reading);
    assert!(text.contains("properties.script = 'first\n  'second' ${not}\n'"), "{text}");
    assert!(text.contains("value = token=? "), "{text}");
    assert!(!text.contains("missing") && !text.contains("locks.none"), "{text}");
}

#[test]
fn a_broken_declaration_is_said_and_the_rest_is_read() {
    for broken in [
        "resource x = {",
        "resource x 'Microsoft.Web/sites@2023-01-01' = {\n  name: 'x'\n  properties: {\n",
        "param p string = 'open",
        "var v = [1, 2",
        "module m 'x.bicep' = {\n name: \n}",
        "@description('x'\nparam p string",
        "what is this",
        "var a = 1 +",
        "output o string = ${x}",
        "\u{1f980}",
        "param p",
        "func f(a) string => ",
        "import { a from 'b'",
        "var t = '${a'",
        "var m = '''never",
    ] {
        let text = format!(
            "param location string = 'westeurope'\n{broken}\nresource good 'Microsoft.Storage/storageAccounts@2023-01-01' = {{\n  name: 'good'\n  location: location\n}}\n"
        );
        let (reading, said) = read("bicep", &[("main.bicep", &text)]);
        assert!(ids(&said).contains(&"invalid-bicep"), "{broken}: {said:?}");
        if !broken.contains("'''") {
            has(&reading, &["Microsoft.Storage/storageAccounts.good"]);
        }
    }
}

#[test]
fn names_of_other_files_are_found_and_what_is_nowhere_is_unknown() {
    let main = "import { shared as common, twice } from 'lib.bicep'\nimport * as lib from 'lib.bicep'\n\
                resource s 'Microsoft.Storage/storageAccounts@2023-01-01' = {\n  name: common\n  a: twice('x')\n  b: lib.shared\n  c: lib.twice('y')\n  \
                d: nowhere\n  e: noFunction(1)\n  f: loadTextContent('note.txt')\n  g: loadJsonContent('data.json').k[1]\n  h: s2.name\n}\n\
                resource s2 'Microsoft.Web/sites@2023-01-01' existing = {\n  name: 'there'\n  scope: resourceGroup('other')\n}\n\
                module far 'br/public:avm/res/x:1.0' = {\n  name: 'far'\n}\n\
                output o string = far.outputs.y\n";
    let lib = "@export()\nvar shared = 'shared'\n@export()\nfunc twice(a string) string => '${a}${a}'\n";
    let files =
        [("main.bicep", main), ("lib.bicep", lib), ("note.txt", "hello"), ("data.json", "{\"k\": [1, 2]}")];
    let (reading, said) = read("bicep", &files);
    assert_eq!(ids(&said), ["template-elsewhere", "unknown-name", "unknown-function"]);
    has(
        &reading,
        &[
            "name = 'shared'",
            "a = 'xx'",
            "b = 'shared'",
            "c = 'yy'",
            "d = ? `nowhere` is not declared",
            "f = 'hello'",
            "g = 2",
            "h = data.Microsoft.Web/sites.s2.name",
            "resourceGroup = data.Microsoft.Resources/resourceGroups.other.name",
            "output .o = ? its template is somewhere else",
        ],
    );
}
