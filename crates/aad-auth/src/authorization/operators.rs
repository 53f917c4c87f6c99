//! `&`, `|` and `!`.

use std::ops::{BitAnd, BitOr, Not};

use super::{BearerPolicy, Policy, policy::Node};

impl<P: Into<Self>> BitAnd<P> for Policy {
    type Output = Self;

    fn bitand(self, other: P) -> Self {
        Self(match (self.0, other.into().0) {
            (Node::All(mut nodes), node) => {
                nodes.push(node);
                Node::All(nodes)
            }
            (first, second) => Node::All(vec![first, second]),
        })
    }
}

impl<P: Into<Self>> BitOr<P> for Policy {
    type Output = Self;

    fn bitor(self, other: P) -> Self {
        Self(match (self.0, other.into().0) {
            (Node::Any(mut nodes), node) => {
                nodes.push(node);
                Node::Any(nodes)
            }
            (first, second) => Node::Any(vec![first, second]),
        })
    }
}

impl Not for Policy {
    type Output = Self;

    fn not(self) -> Self {
        Self(Node::Not(Box::new(self.0)))
    }
}

impl<P: Into<Policy>> BitAnd<P> for BearerPolicy {
    type Output = Policy;

    fn bitand(self, other: P) -> Policy {
        Policy::from(self) & other
    }
}

impl<P: Into<Policy>> BitOr<P> for BearerPolicy {
    type Output = Policy;

    fn bitor(self, other: P) -> Policy {
        Policy::from(self) | other
    }
}

impl Not for BearerPolicy {
    type Output = Policy;

    fn not(self) -> Policy {
        !Policy::from(self)
    }
}
