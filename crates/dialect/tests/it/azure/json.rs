//! ARM JSON.

use super::{has, ids, read, shown};

const SCHEMA: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

fn template(body: &str) -> String {
    format!("{{\n\"$schema\": \"{SCHEMA}\",\n\"contentVersion\": \"1.0.0.0\",\n{body}\n}}")
}

#[test]
fn names_lead_to_nodes_and_parameters_to_inputs() {
    let text = template(
        r#"
// A comment, and /* another */
"parameters": {
  "prefix": { "type": "string", "defaultValue": "shop", "metadata": { "description": "Beginning of names." } },
  "password": { "type": "secureString" },
  "location": { "type": "string", "defaultValue": "[resourceGroup().location]" }
},
"variables": {
  "vnet": "[concat(parameters('prefix'), '-vnet')]",
  "names": { "copy": [ { "name": "all", "count": 2, "input": "[format('{0}{1}', 'n', copyIndex('all', 1))]" } ] },
  "copy": [ { "name": "numbers", "count": 3, "input": "[mul(copyIndex('numbers'), 10)]" } ]
},
"resources": [
  {
    "type": "Microsoft.Network/virtualNetworks", "apiVersion": "2023-09-01", "name": "[variables('vnet')]",
    "location": "[parameters('location')]",
    "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] }, "empty": null }
  },
  {
    "type": "Microsoft.Network/virtualNetworks/subnets", "apiVersion": "2023-09-01",
    "name": "[concat(variables('vnet'), '/', 'apps')]",
    "properties": { "addressPrefix": "[cidrSubnet('10.0.0.0/16', 24, 1)]" },
    "dependsOn": [ "[resourceId('Microsoft.Network/virtualNetworks', variables('vnet'))]" ]
  },
  {
    "type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-01-01",
    "name": "[concat('st', copyIndex())]", "location": "[parameters('location')]",
    "sku": { "name": "Standard_LRS" }, "kind": "StorageV2",
    "copy": { "name": "accounts", "count": 2 },
    "condition": "[not(equals(copyIndex(), 5))]",
    "properties": { "list": "[variables('names').all]", "ten": "[variables('numbers')[1]]" }
  },
  {
    "type": "Microsoft.Web/sites", "apiVersion": "2023-01-01", "name": "site",
    "condition": "[equals(1, 2)]"
  },
  {
    "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2023-03-01", "name": "db",
    "properties": {
      "administratorLoginPassword": "[parameters('password')]",
      "network": { "delegatedSubnetResourceId": "[resourceId('Microsoft.Network/virtualNetworks/subnets', variables('vnet'), 'apps')]" },
      "key": "[listKeys(resourceId('Microsoft.Storage/storageAccounts', 'st1'), '2023-01-01').keys[0].value]",
      "other": "[resourceId('Microsoft.KeyVault/vaults', 'theirs')]",
      "site": "[resourceId('Microsoft.Web/sites', 'site')]",
      "unique": "[uniqueString(resourceGroup().id)]",
      "role": "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'abc')]",
      "host": "[reference(resourceId('Microsoft.Storage/storageAccounts', 'st0')).primaryEndpoints.blob]"
    }
  }
],
"outputs": { "subnet": { "type": "string", "value": "[resourceId('Microsoft.Network/virtualNetworks/subnets', variables('vnet'), 'apps')]" } }
"#,
    );
    let (reading, said) = read("arm", &[("azuredeploy.json", &text)]);
    assert!(said.is_empty(), "{said:#?}");
    assert_eq!(reading.counts.files, 1);
    let subnet = "Microsoft.Network/virtualNetworks/subnets.apps";
    let vnet = "Microsoft.Network/virtualNetworks.shop_vnet";
    has(
        &reading,
        &[
            "name = prefix='shop' + '-vnet'",
            "name = 'apps'",
            &format!("parent = {vnet}.id"),
            "resourceGroup = data.Microsoft.Resources/resourceGroups.current.name",
            "location = data.Microsoft.Resources/resourceGroups.current.location",
            "properties.addressPrefix = '10.0.1.0/24'",
            "Microsoft.Storage/storageAccounts.st0[\"0\"]",
            "properties.list[1] = 'n2'",
            "properties.ten = 10",
            "properties.administratorLoginPassword = password=secret password",
            &format!("properties.network.delegatedSubnetResourceId = {subnet}.id"),
            "properties.key = Microsoft.Storage/storageAccounts.st1[\"1\"].listKeys().keys[0].value",
            "properties.other = data.Microsoft.KeyVault/vaults.theirs.id",
            "data.Microsoft.KeyVault/vaults.theirs",
            "properties.role = '/subscriptions/' + data.Microsoft.Resources/subscriptions.current.subscriptionId + '/providers/Microsoft.Authorization/roleDefinitions/abc'",
            "properties.host = Microsoft.Storage/storageAccounts.st0[\"0\"].properties.primaryEndpoints.blob",
            &format!("output .subnet = {subnet}.id"),
        ],
    );
    let text = shown(&reading);
    assert!(
        !text.contains("Microsoft.Web/sites.site\n") && !text.contains("empty") && !text.contains("after"),
        "{text}"
    );
    assert!(text.contains("properties.unique = ? `uniqueString("), "{text}");
    let node = reading.stacks[0].graph.nodes().next().expect("one");
    let span = node.origin.expect("read from a file");
    assert_eq!(reading.sources.line_col(span).0, 17);
}

#[test]
fn deployments_within_become_components_and_their_outputs_lead_to_nodes() {
    let inner = template(
        r#""parameters": { "name": { "type": "string" } },
"resources": [ { "type": "Microsoft.Cache/redis", "apiVersion": "2023-08-01", "name": "[parameters('name')]", "properties": {} } ],
"outputs": { "id": { "type": "string", "value": "[resourceId('Microsoft.Cache/redis', parameters('name'))]" } }"#,
    );
    let text = template(
        r#""resources": [
  { "type": "Microsoft.Resources/resourceGroups", "apiVersion": "2022-09-01", "name": "rg-shop", "location": "westeurope" },
  { "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "linked", "resourceGroup": "rg-shop",
    "properties": { "mode": "Incremental", "templateLink": { "relativePath": "inner/cache.json" },
      "parameters": { "name": { "value": "one" } } } },
  { "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "outer",
    "properties": { "mode": "Incremental", "template": { "$schema": "x", "contentVersion": "1.0.0.0",
      "resources": [ { "type": "Microsoft.Web/sites", "apiVersion": "2023-01-01", "name": "site",
        "properties": { "cache": "[reference('linked').outputs.id.value]", "x": "[variables('x')]" } } ] } } },
  { "type": "Microsoft.Web/sites", "apiVersion": "2023-01-01", "name": "last", "dependsOn": [ "[resourceId('Microsoft.Resources/deployments', 'linked')]" ] },
  { "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "far",
    "properties": { "mode": "Incremental", "templateLink": { "uri": "https://example.com/a.json" } } }
], "variables": { "x": 5 }"#,
    );
    let (reading, said) = read("arm", &[("main.json", &text), ("inner/cache.json", &inner)]);
    assert_eq!(ids(&said), ["template-elsewhere"]);
    assert_eq!(reading.stacks.len(), 1, "what another template deploys is part of that one");
    has(
        &reading,
        &[
            "module.linked.Microsoft.Cache/redis.one",
            "name = name='one'",
            "resourceGroup = Microsoft.Resources/resourceGroups.rg_shop.name",
            "module.outer.Microsoft.Web/sites.site",
            "properties.cache = module.linked.Microsoft.Cache/redis.one.id",
            "properties.x = 5",
            "after module.linked.Microsoft.Cache/redis.one",
        ],
    );
}

#[test]
fn every_file_of_parameters_is_a_stack() {
    let text = template(
        r#""parameters": { "size": { "type": "int" }, "secret": { "type": "securestring" }, "unset": { "type": "string" } },
"resources": [ { "type": "Microsoft.Web/serverfarms", "apiVersion": "2023-01-01", "name": "plan",
  "sku": { "capacity": "[parameters('size')]" }, "properties": { "s": "[parameters('secret')]", "u": "[parameters('unset')]" } } ]"#,
    );
    let given = |size: u8, secret: &str| {
        format!(
            r#"{{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
"contentVersion": "1.0.0.0", "parameters": {{ "size": {{ "value": {size} }}, "secret": {secret} }} }}"#
        )
    };
    let vault = r#"{ "reference": { "keyVault": { "id": "/subscriptions/x/providers/Microsoft.KeyVault/vaults/kv" }, "secretName": "s" } }"#;
    let (staging, production) = (given(1, vault), given(3, r#"{ "value": "hunter2" }"#));
    let files = [
        ("app.json", text.as_str()),
        ("app.parameters.staging.json", &staging),
        ("app.parameters.production.json", &production),
    ];
    let (reading, said) = read("arm", &files);
    assert!(said.is_empty(), "{said:#?}");
    let names: Vec<&str> = reading.stacks.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["production", "staging"]);
    has(
        &reading,
        &[
            "sku.capacity = size=3",
            "sku.capacity = size=1",
            "properties.s = secret=secret kv/s",
            "properties.s = secret=? a secret that the file holds in plain text",
            "properties.u = unset=? nobody says what the parameter `unset` is",
        ],
    );
    assert!(!shown(&reading).contains("hunter2"));
}

#[test]
fn symbolic_names_user_functions_and_children() {
    let text = template(
        r#""languageVersion": "2.0",
"functions": [ { "namespace": "contoso", "members": { "named": {
  "parameters": [ { "name": "what", "type": "string" } ], "output": { "type": "string", "value": "[concat('c-', parameters('what'))]" } } } } ],
"resources": {
  "vault": { "type": "Microsoft.KeyVault/vaults", "existing": true, "apiVersion": "2023-07-01", "name": "kv" },
  "storageAccount": { "type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-01-01", "name": "[contoso.named('x')]",
    "properties": { "uri": "[reference('vault').vaultUri]", "picked": "[map(filter(createArray(1, 2, 3), lambda('n', greater(lambdaVariables('n'), 1))), lambda('n', add(lambdaVariables('n'), 1)))]" },
    "resources": { "blobs": { "type": "blobServices", "apiVersion": "2023-01-01", "name": "default", "dependsOn": [ "storageAccount" ] } } }
}"#,
    );
    let (reading, said) = read("arm", &[("main.json", &text)]);
    assert!(said.is_empty(), "{said:#?}");
    has(
        &reading,
        &[
            "data.Microsoft.KeyVault/vaults.this",
            "Microsoft.Storage/storageAccounts.this",
            "name = 'c-x'",
            "properties.uri = data.Microsoft.KeyVault/vaults.this.properties.vaultUri",
            "properties.picked[0] = 3",
            "properties.picked[1] = 4",
            "Microsoft.Storage/storageAccounts/blobServices.blobs",
            "parent = Microsoft.Storage/storageAccounts.this.id",
        ],
    );
}
