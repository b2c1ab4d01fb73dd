/// What a look for targets found.
struct DiscoveryLook: Sendable, Equatable {
  /// All there are; nil where nothing could be learnt, so that the ones before stay.
  var groups: [TargetGroup]?
  /// What is wrong, a sentence each.
  var faults: [String] = []
  /// Until the next look, in milliseconds.
  var pause: Int64
}
