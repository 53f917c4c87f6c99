//! Requests: the commands for one key, in one round trip.

use redis::{
    Cmd, ErrorKind, Pipeline, RedisResult, Script, ServerErrorKind, Value,
    aio::MultiplexedConnection, cmd,
};

/// A request of one or more commands.
pub(super) struct Commands {
    key: String,
    commands: Pipeline,
    script: Option<&'static Script>,
    several_keys: bool,
}

impl Commands {
    /// Commands on `key`, which determines the node of a cluster.
    pub(super) fn new(key: String, commands: impl IntoIterator<Item = Cmd>) -> Self {
        Self {
            key,
            commands: pipeline(commands),
            script: None,
            several_keys: false,
        }
    }

    /// Commands on several keys, for a single server.
    pub(super) fn together(commands: impl IntoIterator<Item = Cmd>) -> Self {
        Self {
            several_keys: true,
            ..Self::new(String::new(), commands)
        }
    }

    /// A script on `key`. `arguments` adds the script's `ARGV`.
    pub(super) fn script(
        script: &'static Script,
        key: String,
        arguments: impl FnOnce(&mut Cmd),
    ) -> Self {
        let mut command = cmd("EVALSHA");
        command.arg(script.get_hash()).arg(1).arg(&key);
        arguments(&mut command);
        Self {
            key,
            commands: pipeline([command]),
            script: Some(script),
            several_keys: false,
        }
    }

    /// The key that determines the node.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Whether the commands name several keys, which one node of a cluster may not serve.
    pub(super) fn has_several_keys(&self) -> bool {
        self.several_keys
    }

    /// Sends the commands and returns their answers. The error is that of the first failed command; the
    /// others may have been executed. With `asking`, a node also serves a slot that it is importing
    /// (`ASK`).
    pub(super) async fn send(
        &self,
        connection: &mut MultiplexedConnection,
        asking: bool,
    ) -> RedisResult<Vec<Value>> {
        match self.send_once(connection, asking).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                let Some(script) = self.script else {
                    return Err(error);
                };
                // A server loses its scripts at a restart, and a promoted replica has none.
                script.load_async(connection).await?;
                self.send_once(connection, asking).await
            }
            outcome => outcome,
        }
    }

    async fn send_once(
        &self,
        connection: &mut MultiplexedConnection,
        asking: bool,
    ) -> RedisResult<Vec<Value>> {
        if !asking {
            return send(connection, &self.commands).await;
        }
        let mut commands = Pipeline::with_capacity(self.commands.len() * 2);
        for command in self.commands.cmd_iter() {
            // `ASKING` applies to the next command only. The commands of a pipeline stay in order.
            commands.cmd("ASKING").add_command(command.clone());
        }
        let answers = send(connection, &commands).await?;
        Ok(answers.into_iter().skip(1).step_by(2).collect())
    }
}

/// Sends commands and returns their answers, or the first error.
async fn send(
    connection: &mut MultiplexedConnection,
    commands: &Pipeline,
) -> RedisResult<Vec<Value>> {
    let count = commands.len();
    let answers = connection.send_packed_commands(commands, 0, count).await?;
    answers.into_iter().map(Value::extract_error).collect()
}

fn pipeline(commands: impl IntoIterator<Item = Cmd>) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for command in commands {
        pipeline.add_command(command);
    }
    pipeline
}

/// `GET`, and `PTTL` for the remaining life in milliseconds.
pub(super) fn read(name: &str) -> [Cmd; 2] {
    [one("GET", name), one("PTTL", name)]
}

/// A command whose only argument is a key.
pub(super) fn one(command: &'static str, name: &str) -> Cmd {
    let mut command = cmd(command);
    command.arg(name);
    command
}
