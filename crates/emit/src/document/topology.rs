//! The topology of one environment as a picture: who talks to whom, and in which zone of the network.
//!
//! The layout and the SVG come from a library; this module decides what is worth showing. A reader must be able
//! to follow every line, so services that look alike are drawn as one once there are many.

use std::collections::BTreeMap;

use design::{Blueprint, Compute, EnvironmentDesign, ResourceChoice, ServiceDesign};
use graphlay::svg::{self, BuiltinMarker, MarkerRef, NodeContent, Paint, Stroke, TextRun};
use graphlay::{Direction, Effort, GraphBuilder, LayoutOptions, Node, NodeId, Size};
use spec::UseTarget;

/// More services than this are drawn by likeness.
const MANY: usize = 24;

/// The picture of an environment.
#[must_use]
pub fn svg(blueprint: &Blueprint, environment: &EnvironmentDesign) -> String {
    let picture = Picture::of(environment);
    let title = format!("{}: {} in {}", blueprint.name, environment.name, blueprint.region);
    draw(&picture, &title)
}

/// Where a box stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Zone {
    Outside,
    Edge,
    Public,
    Private,
    Data,
    Regional,
}

/// The tiers inside the VPC, with their titles.
const TIERS: [(Zone, &str); 3] = [
    (Zone::Public, "Public subnets"),
    (Zone::Private, "Private subnets"),
    (Zone::Data, "Data subnets: no route to the internet"),
];

/// What a box is, and so its colour: ink and tint, readable on white and told apart without colour by the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    People,
    Door,
    Compute,
    Data,
    Messages,
    Storage,
}

impl Class {
    fn colours(self) -> (&'static str, &'static str) {
        match self {
            Class::People => ("#475569", "#f8fafc"),
            Class::Door => ("#7c3aed", "#f5f3ff"),
            Class::Compute => ("#c2410c", "#fff7ed"),
            Class::Data => ("#1d4ed8", "#eff6ff"),
            Class::Messages => ("#be185d", "#fdf2f8"),
            Class::Storage => ("#15803d", "#f0fdf4"),
        }
    }
}

struct Part {
    title: String,
    detail: String,
    class: Class,
    zone: Zone,
}

#[derive(Default)]
struct Picture {
    vpc: String,
    parts: Vec<Part>,
    arrows: Vec<(usize, usize)>,
}

impl Picture {
    fn of(environment: &EnvironmentDesign) -> Self {
        let vpc =
            format!("VPC {}, {} availability zones", environment.network.cidr, environment.network.zones);
        let mut picture = Self { vpc, ..Self::default() };
        let resources: BTreeMap<&str, usize> = environment
            .resources
            .iter()
            .map(|(name, resource)| (name.as_str(), picture.resource(name, &resource.choice)))
            .collect();
        let services = picture.services(environment);
        for (name, service) in &environment.services {
            let Some(from) = services.get(name.as_str()) else { continue };
            for entry in &service.uses {
                let to = match entry.target {
                    UseTarget::Service => services.get(entry.name.as_str()),
                    UseTarget::Resource => resources.get(entry.name.as_str()),
                    UseTarget::Secret => None,
                };
                if let Some(to) = to {
                    picture.arrow(*from, *to);
                }
            }
        }
        for (name, resource) in &environment.resources {
            let Some(topic) = resource.choice.topic() else { continue };
            for subscriber in &topic.subscribers {
                if let (Some(from), Some(to)) =
                    (resources.get(name.as_str()), resources.get(subscriber.as_str()))
                {
                    picture.arrow(*from, *to);
                }
            }
        }
        picture.doors(environment, &services);
        picture
    }

    fn add(&mut self, title: &str, detail: String, class: Class, zone: Zone) -> usize {
        self.parts.push(Part { title: title.to_owned(), detail, class, zone });
        self.parts.len() - 1
    }

    fn arrow(&mut self, from: usize, to: usize) {
        if from != to && !self.arrows.contains(&(from, to)) {
            self.arrows.push((from, to));
        }
    }

    fn resource(&mut self, name: &str, choice: &ResourceChoice) -> usize {
        let (detail, class, zone) = match choice {
            ResourceChoice::Rds(db) => {
                let standby = if db.multi_az { ", standby" } else { "" };
                (format!("RDS {}, {}{standby}", db.engine, db.class), Class::Data, Zone::Data)
            }
            ResourceChoice::Aurora(db) => {
                (format!("Aurora {}, {} x {}", db.engine, db.instances, db.class), Class::Data, Zone::Data)
            }
            ResourceChoice::DocumentDb(db) => {
                (format!("DocumentDB, {} x {}", db.instances, db.class), Class::Data, Zone::Data)
            }
            ResourceChoice::ElastiCache(cache) | ResourceChoice::Memcached(cache) => {
                (format!("{}, {} x {}", cache.engine, cache.nodes, cache.node_type), Class::Data, Zone::Data)
            }
            ResourceChoice::RabbitMq(broker) => {
                (format!("RabbitMQ, {} x {}", broker.brokers, broker.class), Class::Messages, Zone::Data)
            }
            ResourceChoice::Kafka(broker) | ResourceChoice::ManagedKafka(broker) => (
                format!("{}, {} x {}", choice.product(), broker.brokers, broker.class),
                Class::Messages,
                Zone::Data,
            ),
            ResourceChoice::OpenSearch(search) => {
                (format!("OpenSearch, {} x {}", search.nodes, search.class), Class::Data, Zone::Data)
            }
            ResourceChoice::FlexibleServer(db) | ResourceChoice::CloudSql(db) | ResourceChoice::Atlas(db) => {
                let standby = if db.multi_az { ", standby" } else { "" };
                let product = choice.product();
                (format!("{product} {}, {}{standby}", db.engine, db.class), Class::Data, Zone::Data)
            }
            ResourceChoice::CosmosDb(db) => {
                (format!("Cosmos DB, {} RU/s at most", db.throughput), Class::Data, Zone::Data)
            }
            ResourceChoice::ManagedRedis(cache) | ResourceChoice::Memorystore(cache) => {
                (format!("{}, {} x {}", cache.engine, cache.nodes, cache.node_type), Class::Data, Zone::Data)
            }
            ResourceChoice::EventHubs(broker) => (
                format!("Event Hubs, {} x {}", broker.brokers, broker.class),
                Class::Messages,
                Zone::Regional,
            ),
            ResourceChoice::Sqs(_) | ResourceChoice::ServiceBusQueue(_) | ResourceChoice::PubSubQueue(_) => {
                (format!("{}, dead letters kept", choice.product()), Class::Messages, Zone::Regional)
            }
            ResourceChoice::Sns(_) | ResourceChoice::ServiceBusTopic(_) | ResourceChoice::PubSubTopic(_) => {
                (format!("{} topic", choice.product()), Class::Messages, Zone::Regional)
            }
            ResourceChoice::S3(_) | ResourceChoice::BlobContainer(_) | ResourceChoice::CloudStorage(_) => {
                (format!("{} bucket", choice.product()), Class::Storage, Zone::Regional)
            }
        };
        self.add(name, detail, class, zone)
    }

    /// Services by name; alike ones share a box when there are many.
    fn services<'a>(&mut self, environment: &'a EnvironmentDesign) -> BTreeMap<&'a str, usize> {
        let many = environment.services.len() > MANY;
        let mut boxes: BTreeMap<String, (usize, Vec<&str>)> = BTreeMap::new();
        let mut by_name = BTreeMap::new();
        for (name, service) in &environment.services {
            let likeness = if many { likeness(environment, service) } else { name.clone() };
            let place = match boxes.get_mut(&likeness) {
                Some((place, names)) => {
                    names.push(name);
                    *place
                }
                None => {
                    let (mut detail, class, zone) = compute(&service.compute);
                    if zone == Zone::Edge && environment.network.site_firewall {
                        detail.push_str(" behind WAF");
                    }
                    let place = self.add(name, detail, class, zone);
                    boxes.insert(likeness, (place, vec![name.as_str()]));
                    place
                }
            };
            by_name.insert(name.as_str(), place);
        }
        for (place, names) in boxes.values().filter(|(_, names)| names.len() > 1) {
            self.parts[*place].title = format!("{} services", names.len());
            self.parts[*place].detail = format!("{}, {}, ...", names[0], names[1]);
        }
        by_name
    }

    /// The internet, and what stands between it and the services.
    fn doors(&mut self, environment: &EnvironmentDesign, services: &BTreeMap<&str, usize>) {
        let site = |s: &ServiceDesign| matches!(s.compute, Compute::StaticSite { .. });
        let public: Vec<(&str, &ServiceDesign)> = environment
            .services
            .iter()
            .filter(|(_, s)| s.public.is_some() || site(s))
            .map(|(name, service)| (name.as_str(), service))
            .collect();
        if public.is_empty() {
            return;
        }
        let people = self.add("Internet", "users".to_owned(), Class::People, Zone::Outside);
        let mut balancer = None;
        for (name, service) in public {
            let place = services[name];
            if site(service) {
                self.arrow(people, place);
            } else {
                let door = *balancer.get_or_insert_with(|| {
                    let detail = if environment.network.firewall { "ALB behind WAF" } else { "ALB" };
                    self.add("Load balancer", detail.to_owned(), Class::Door, Zone::Public)
                });
                self.arrow(people, door);
                self.arrow(door, place);
            }
        }
        // A site reaches the services it uses through the load balancer, not around it.
        let Some(balancer) = balancer else { return };
        for (name, service) in &environment.services {
            if !site(service) {
                continue;
            }
            let from = services[name.as_str()];
            for entry in service.uses.iter().filter(|u| u.target == UseTarget::Service) {
                let Some(target) = services.get(entry.name.as_str()) else { continue };
                if let Some(direct) = self.arrows.iter().position(|a| *a == (from, *target)) {
                    self.arrows.remove(direct);
                    self.arrow(from, balancer);
                }
            }
        }
    }
}

/// What makes two services look the same in the picture.
fn likeness(environment: &EnvironmentDesign, service: &ServiceDesign) -> String {
    let (detail, ..) = compute(&service.compute);
    let kind = detail.split(',').next().unwrap_or_default();
    let mut uses: Vec<String> = service
        .uses
        .iter()
        .filter(|u| u.target == UseTarget::Resource)
        .filter_map(|u| environment.resources.get(&u.name).map(|r| format!("{:?}", r.ty)))
        .collect();
    uses.sort();
    uses.dedup();
    format!("{kind} {} {}", service.public.is_some(), uses.join(" "))
}

fn compute(compute: &Compute) -> (String, Class, Zone) {
    let size = |s: &design::TaskSize| {
        format!("{} vCPU, {} GiB", f64::from(s.cpu) / 1024.0, f64::from(s.memory_mib) / 1024.0)
    };
    match compute {
        Compute::Containers(f) => {
            let count = if f.min == f.max { f.min.to_string() } else { format!("{} to {}", f.min, f.max) };
            (format!("Fargate, {count} x {}", size(&f.size)), Class::Compute, Zone::Private)
        }
        Compute::Function(l) => (format!("Lambda, {} MiB", l.memory_mib), Class::Compute, Zone::Private),
        Compute::ScheduledTask { size: s, cron, .. } => {
            (format!("Fargate, {}, at {cron}", size(s)), Class::Compute, Zone::Private)
        }
        Compute::OneShot { size: s } => {
            (format!("Fargate, {}, once a deployment", size(s)), Class::Compute, Zone::Private)
        }
        Compute::StaticSite { .. } => ("CloudFront and S3".to_owned(), Class::Door, Zone::Edge),
    }
}

/// A frame around a group of boxes: its node in the layout, its title.
struct Frame {
    node: NodeId,
    title: String,
}

fn draw(picture: &Picture, title: &str) -> String {
    let mut builder = GraphBuilder::new();
    let frame = |parent: Option<NodeId>, builder: &mut GraphBuilder| {
        builder.add_node(Node { parent, size: Size::new(10.0, 10.0), ..Node::default() })
    };
    let has = |zone: Zone| picture.parts.iter().any(|p| p.zone == zone);
    let mut frames: Vec<Frame> = Vec::new();
    let mut zones: BTreeMap<Zone, NodeId> = BTreeMap::new();
    if TIERS.iter().any(|(zone, _)| has(*zone)) {
        let vpc = frame(None, &mut builder);
        frames.push(Frame { node: vpc, title: picture.vpc.clone() });
        for (zone, title) in TIERS.iter().filter(|(zone, _)| has(*zone)) {
            let node = frame(Some(vpc), &mut builder);
            frames.push(Frame { node, title: (*title).to_owned() });
            zones.insert(*zone, node);
        }
    }
    if has(Zone::Regional) {
        let node = frame(None, &mut builder);
        frames.push(Frame { node, title: "Regional services".to_owned() });
        zones.insert(Zone::Regional, node);
    }
    let nodes: Vec<NodeId> = picture
        .parts
        .iter()
        .map(|part| {
            let longest = part.detail.chars().count().max(part.title.chars().count() + 4);
            let size = Size::new((longest as f64 * 5.8 + 28.0).max(130.0), 46.0);
            builder.add_node(Node { size, parent: zones.get(&part.zone).copied(), ..Node::default() })
        })
        .collect();
    for (from, to) in &picture.arrows {
        builder.connect(nodes[*from], nodes[*to]);
    }
    let graph = builder.build();
    let mut options = LayoutOptions { direction: Direction::LeftRight, ..LayoutOptions::default() };
    options.spacing.compound_header = 26.0;
    options.spacing.compound_padding = 16.0;
    options.spacing.layer_gap = 40.0;
    options.spacing.node_gap = 26.0;
    options.effort = if picture.parts.len() > 60 { Effort::Fast } else { Effort::Balanced };
    let Ok(layout) = graphlay::layout(&graph, &options) else { return String::new() };
    let mut scene = svg::Scene {
        background: Some("#ffffff".into()),
        padding: 24.0,
        // Frames are filled, so lines must be painted after them.
        order: svg::DrawOrder::EdgesOverNodes,
        ..svg::Scene::default()
    };
    scene.font.family = "Inter, 'Segoe UI', system-ui, sans-serif".into();
    for (depth, frame) in frames.iter().enumerate() {
        scene.nodes.push(framed(frame, &layout.nodes[frame.node.0 as usize], depth == 0));
    }
    for (part, node) in picture.parts.iter().zip(&nodes) {
        scene.nodes.push(boxed(part, &layout.nodes[node.0 as usize]));
    }
    for route in &layout.edges {
        scene.edges.push(svg::SceneEdge {
            points: route.points.iter().map(|p| svg::Point::new(p.x, p.y)).collect(),
            stroke: Stroke::new("#64748b", 1.4),
            corner_radius: 7.0,
            hop_radius: 4.0,
            marker_end: MarkerRef::builtin(BuiltinMarker::Arrow).colored("#64748b"),
            ..svg::SceneEdge::default()
        });
    }
    scene.nodes.push(heading(title, layout.bounds.min.x, layout.bounds.min.y));
    svg::render(&scene, &svg::Theme::default(), &svg::HeuristicMeasurer::new())
}

fn rect(placement: &graphlay::Placement) -> svg::Rect {
    let (w, h) = (placement.size.width, placement.size.height);
    svg::Rect::new(placement.center.x - w / 2.0, placement.center.y - h / 2.0, w, h)
}

fn heading(title: &str, x: f64, y: f64) -> svg::SceneNode {
    let width = title.chars().count() as f64 * 10.0;
    let text = TextRun { anchor: svg::TextAnchor::Start, ..TextRun::new(title) };
    svg::SceneNode {
        rect: svg::Rect::new(x, y - 44.0, width, 24.0),
        shape: svg::Shape::Rect { corner_radius: 0.0 },
        fill: Some("none".into()),
        stroke: Some(Stroke::new("none", 0.0)),
        content: vec![NodeContent::Text(
            text.at(-width / 2.0, 0.0).size(17.0).weight(650.0).color("#0f172a"),
        )],
        ..svg::SceneNode::default()
    }
}

fn framed(frame: &Frame, placement: &graphlay::Placement, outer: bool) -> svg::SceneNode {
    let rect = rect(placement);
    let (fill, ink) = if outer { ("#f8fafc", "#94a3b8") } else { ("#ffffff", "#cbd5e1") };
    let text = TextRun { anchor: svg::TextAnchor::Start, ..TextRun::new(frame.title.as_str()) };
    let text = text.at(-rect.w / 2.0 + 12.0, -rect.h / 2.0 + 15.0).size(11.5).weight(600.0).color("#475569");
    svg::SceneNode {
        rect,
        shape: svg::Shape::Rect { corner_radius: 10.0 },
        fill: Some(fill.into()),
        stroke: Some(Stroke { paint: Paint::color(ink), ..Stroke::new(ink, 1.2) }.dashed("5 4")),
        content: vec![NodeContent::Text(text)],
        ..svg::SceneNode::default()
    }
}

fn boxed(part: &Part, placement: &graphlay::Placement) -> svg::SceneNode {
    let (ink, tint) = part.class.colours();
    svg::SceneNode {
        rect: rect(placement),
        shape: svg::Shape::Rect { corner_radius: 7.0 },
        fill: Some(tint.into()),
        stroke: Some(Stroke::new(ink, 1.3)),
        content: vec![
            NodeContent::Text(
                TextRun::new(part.title.as_str()).at(0.0, -8.0).size(13.0).weight(650.0).color(ink),
            ),
            NodeContent::Text(TextRun::new(part.detail.as_str()).at(0.0, 9.0).size(10.5).color("#334155")),
        ],
        ..svg::SceneNode::default()
    }
}
