//! Interfaces for programs and what orders their steps: API Gateway, App Runner, Step Functions, streams.
//!
//! All of them are paid for by use, so without an expected use there is a reason instead of a line.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("aws_api_gateway_rest_api", priced(rest_api)),
    ("aws_api_gateway_stage", priced(stage)),
    ("aws_apigatewayv2_api", priced(http_api)),
    ("aws_apprunner_service", priced(app_runner)),
    ("aws_cloudwatch_event_bus", priced(event_bus)),
    ("aws_kinesis_firehose_delivery_stream", priced(delivery_stream)),
    ("aws_kinesis_stream", priced(stream)),
    ("aws_sfn_state_machine", priced(state_machine)),
    ("aws_api_gateway_account", Billing::Free("settings are not charged")),
    ("aws_api_gateway_base_path_mapping", Billing::Through("its API")),
    ("aws_api_gateway_deployment", Billing::Through("its API")),
    ("aws_api_gateway_domain_name", Billing::Through("its API")),
    ("aws_api_gateway_integration", Billing::Through("its API")),
    ("aws_api_gateway_integration_response", Billing::Through("its API")),
    ("aws_api_gateway_method", Billing::Through("its API")),
    ("aws_api_gateway_method_response", Billing::Through("its API")),
    ("aws_api_gateway_method_settings", Billing::Through("its API")),
    ("aws_api_gateway_resource", Billing::Through("its API")),
    ("aws_apigatewayv2_api_mapping", Billing::Through("its API")),
    ("aws_apigatewayv2_authorizer", Billing::Through("its API")),
    ("aws_apigatewayv2_domain_name", Billing::Through("its API")),
    ("aws_apigatewayv2_integration", Billing::Through("its API")),
    ("aws_apigatewayv2_route", Billing::Through("its API")),
    ("aws_apigatewayv2_stage", Billing::Through("its API")),
    ("aws_apigatewayv2_vpc_link", Billing::Free("links of HTTP APIs are not charged")),
    ("aws_apprunner_auto_scaling_configuration_version", Billing::Free("scaling itself is not charged")),
    ("aws_apprunner_vpc_connector", Billing::Free("connectors are not charged")),
    ("aws_lambda_layer_version", Billing::Through("the functions that use it")),
];

const REQUESTS: Use = Use::per("requests", "requests", 1e6);

fn rest_api(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("requests", "apigateway/rest-million", &REQUESTS);
    Ok(())
}

/// A cache is paid for by its size and the hour, used or not.
fn stage(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.flag("cache_cluster_enabled")? {
        let size = settings.text("cache_cluster_size").map(|size| size.unwrap_or_else(|| "0.5".to_owned()));
        sheet.hourly("cache", size.map(|size| format!("apigateway/cache-{size}-hour")), Ok(1.0));
    }
    Ok(())
}

fn http_api(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.needed_text("protocol_type")? == "WEBSOCKET" {
        let messages = Use::per("messages", "messages", 1e6);
        sheet.used("messages", "apigateway/websocket-message-million", &messages);
        let minutes = Use::per("connection_minutes", "minutes of connections", 1e6);
        sheet.used("connections", "apigateway/websocket-minute-million", &minutes);
    } else {
        sheet.used("requests", "apigateway/http-million", &REQUESTS);
    }
    Ok(())
}

/// Memory is paid for while a service is up, processors only while it answers.
fn app_runner(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let memory = Use::each("gb_hours", "GB-hours of memory");
    sheet.used("memory", "apprunner/gb-hour", &memory);
    let processors = Use::each("vcpu_hours", "vCPU-hours of answering");
    sheet.used("vCPU", "apprunner/vcpu-hour", &processors);
    Ok(())
}

fn event_bus(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let events = Use::per("events", "events", 1e6);
    sheet.used("events", "events/custom-event-million", &events);
    Ok(())
}

fn delivery_stream(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let gb = Use::each("gb", "GB that pass through it");
    sheet.used("data", "firehose/in-gb", &gb);
    Ok(())
}

fn stream(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let mode = settings.block("stream_mode_details")?.map_or(Ok(None), |m| m.text("stream_mode"))?;
    if mode.as_deref() == Some("ON_DEMAND") {
        sheet.hourly("stream", Ok("kinesis/stream-hour".to_owned()), Ok(1.0));
        let (into, out) = (Use::each("gb_in", "GB written"), Use::each("gb_out", "GB read"));
        sheet.used("data written", "kinesis/in-gb", &into);
        sheet.used("data read", "kinesis/out-gb", &out);
    } else {
        sheet.hourly("shards", Ok("kinesis/shard-hour".to_owned()), settings.needed_number("shard_count"));
        let puts = Use::per("put_units", "payload units written", 1e6);
        sheet.used("writes", "kinesis/put-million", &puts);
    }
    Ok(())
}

fn state_machine(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.text("type")?.as_deref() == Some("EXPRESS") {
        sheet.used("requests", "states/express-million", &REQUESTS);
        let memory = Use::each("gb_hours", "GB-hours of running");
        sheet.used("duration", "states/express-gb-hour", &memory);
    } else {
        let transitions = Use::per("transitions", "transitions", 1e3);
        sheet.used("transitions", "states/transition-1000", &transitions);
    }
    Ok(())
}
