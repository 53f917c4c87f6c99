//! Typed values as the text of a variable. What a variable cannot express is a problem.

use std::{path::Path, time::Duration};

use super::ConfigBuilder;
use crate::config_room::{
    Problem, duration_text::format_duration, secret_list::escape_secret, table::example,
};

impl ConfigBuilder {
    pub(super) fn text(mut self, variable: &'static str, value: &str) -> Self {
        if value.trim().is_empty() {
            return self.problem(variable, EMPTY);
        }
        self.source.set(variable, value.trim());
        self
    }

    pub(super) fn path(self, variable: &'static str, path: &Path) -> Self {
        match path.to_str() {
            Some(path) => self.text(variable, path),
            None => self.problem(variable, "must be a path in Unicode (UTF-8)"),
        }
    }

    pub(super) fn flag(self, variable: &'static str, is_on: bool) -> Self {
        self.text(variable, if is_on { "true" } else { "false" })
    }

    pub(super) fn number(self, variable: &'static str, number: usize) -> Self {
        self.text(variable, &number.to_string())
    }

    pub(super) fn duration(self, variable: &'static str, duration: Duration) -> Self {
        if duration.subsec_nanos() == 0 {
            self.text(variable, &format_duration(duration))
        } else {
            self.problem(variable, "must be a whole number of seconds")
        }
    }

    /// A list of which each member has to stay one: none may contain a separator. `is_one` says so.
    pub(super) fn list(
        mut self,
        variable: &'static str,
        members: impl IntoIterator<Item = impl AsRef<str>>,
        is_one: impl Fn(&str) -> bool,
    ) -> Self {
        let mut list = String::new();
        for member in members {
            let member = member.as_ref().trim();
            if member.is_empty() {
                self = self.problem(variable, "has an empty member: remove it");
            } else if !is_one(member) {
                let rule = "has a member with a separator in it: make it several members";
                self = self.problem(variable, rule);
            }
            list.push_str(if list.is_empty() { "" } else { "," });
            list.push_str(member);
        }
        self.text(variable, &list)
    }

    /// As [`list`](Self::list), separated by commas. No member means that the setting is off, which is
    /// its default too.
    pub(super) fn list_or_none(
        mut self,
        variable: &'static str,
        members: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        let mut members = members.into_iter().peekable();
        if members.peek().is_none() {
            self.source.set(variable, "");
            self.switched_off.insert(variable);
            return self;
        }
        self.list(variable, members, has_no_comma)
    }

    /// Adds a secret behind those that are set.
    pub(super) fn further_secret(mut self, variable: &'static str, secret: &str) -> Self {
        let secret = secret.trim();
        if secret.is_empty() {
            return self.problem(variable, EMPTY);
        }
        if secret.contains(['\n', '\r']) {
            return self.problem(variable, "must not contain a line end");
        }
        let secret = escape_secret(secret);
        let list = match self.source.get(variable) {
            Some(before) => format!("{before},{secret}"),
            None => secret,
        };
        self.source.set(variable, list);
        self
    }

    fn problem(mut self, variable: &'static str, rule: &str) -> Self {
        let problem = Problem::new(variable, rule, example(variable));
        self.source.add_problem(problem);
        self
    }
}

const EMPTY: &str = "is empty: set a value, or remove the call for the default";

/// Whether a member of a comma-separated list stays one.
pub(super) fn has_no_comma(member: &str) -> bool {
    !member.contains(',')
}
