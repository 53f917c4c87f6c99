//! From the rows of a builder to the configuration.

use super::ConfigBuilder;
use crate::config_room::{
    Config, ConfigError, Problem, Source, env,
    table::{example, setting},
};

impl ConfigBuilder {
    /// Checks the settings and returns the configuration.
    ///
    /// # Errors
    /// Every setting that is missing or cannot be used.
    pub fn build(self) -> Result<Config, ConfigError> {
        let environment = self.reads_environment.then(env::read);
        self.build_beside(environment.as_ref())
    }

    pub(super) fn build_beside(
        mut self,
        environment: Option<&Source>,
    ) -> Result<Config, ConfigError> {
        let in_code = self.source.clone();
        match environment {
            Some(environment) => self.add_environment(environment),
            None => self.require_base_url(),
        }
        Config::parse(&self.source).map_err(|mut error| {
            for problem in &mut error.problems {
                let is_in = |source: &Source| source.get(problem.variable).is_some();
                if is_in(&in_code) || !environment.is_some_and(is_in) {
                    problem.method = setting(problem.variable).and_then(|row| row.method);
                }
            }
            error
        })
    }

    fn add_environment(&mut self, environment: &Source) {
        for problem in environment.problems() {
            self.source.add_problem(problem.clone());
        }
        for name in environment.names() {
            let value = environment.get(name).unwrap_or_default();
            let is_set = self.source.get(name).is_some() || self.switched_off.contains(name);
            match setting(name).filter(|_| is_set) {
                None => self.source.set(name, value),
                Some(row) => self.source.add_problem(Problem::new(
                    row.name,
                    "is set in code and in the environment: remove the call, or the variable",
                    row.example,
                )),
            }
        }
    }

    /// The default of `AAD_BASE_URL` depends on variables that tell a developer's machine from a hosting
    /// platform. Without them no default is safe.
    fn require_base_url(&mut self) {
        let is_set = self.source.get("AAD_BASE_URL").is_some();
        let has_problem = |problem: &Problem| problem.variable == "AAD_BASE_URL";
        if !is_set && !self.source.problems().iter().any(has_problem) {
            self.source.add_problem(Problem::new(
                "AAD_BASE_URL",
                "must be the address under which browsers reach the application: it has a default \
                 only with `or_env`",
                example("AAD_BASE_URL"),
            ));
        }
    }
}
