//! The store port and its back ends.
