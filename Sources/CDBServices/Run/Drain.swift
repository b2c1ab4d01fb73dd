/// How a process of the pipeline ends: `cdb run`, a stage as a service, and the gate service.
enum Drain {
  /// How long what is under way may take once a process is told to end; a process that takes longer ends with 70, without the
  /// mark of a planned end. A busy machine needs more than the usual moment. Less than `stop_grace_period` of
  /// docker/compose.yml, and more than anything that is waited for at the end.
  static let deadline = Duration.seconds(15)
}
