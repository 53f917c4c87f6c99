//! The operators `&`, `|` and `!` of policies.

use std::ops::{BitAnd, BitOr, Not};

use super::{BearerPolicy, Policy, expression::Expression};

impl<P: Into<Self>> BitAnd<P> for Policy {
    type Output = Self;

    fn bitand(self, other: P) -> Self {
        Self(match (self.0, other.into().0) {
            (Expression::All(mut nodes), node) => {
                nodes.push(node);
                Expression::All(nodes)
            }
            (first, second) => Expression::All(vec![first, second]),
        })
    }
}

impl<P: Into<Self>> BitOr<P> for Policy {
    type Output = Self;

    fn bitor(self, other: P) -> Self {
        Self(match (self.0, other.into().0) {
            (Expression::Any(mut nodes), node) => {
                nodes.push(node);
                Expression::Any(nodes)
            }
            (first, second) => Expression::Any(vec![first, second]),
        })
    }
}

impl Not for Policy {
    type Output = Self;

    fn not(self) -> Self {
        Self(Expression::Not(Box::new(self.0)))
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
