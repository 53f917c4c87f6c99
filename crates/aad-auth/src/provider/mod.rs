//! What the provider publishes: metadata document, key set, error bodies.
