//! Names of loops and of functions' parameters, the inner over the outer.

use std::rc::Rc;

use ir::Value;

/// Names and their values, as they are seen from one place.
#[derive(Clone, Default)]
pub(crate) struct Locals(Option<Rc<Frame>>);

struct Frame {
    name: String,
    value: Value,
    outer: Locals,
}

impl Locals {
    /// With one name more.
    pub fn with(&self, name: &str, value: Value) -> Locals {
        Locals(Some(Rc::new(Frame { name: name.to_owned(), value, outer: self.clone() })))
    }

    /// What a name stands for.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let mut here = self;
        while let Some(frame) = &here.0 {
            if frame.name == name {
                return Some(&frame.value);
            }
            here = &frame.outer;
        }
        None
    }
}
