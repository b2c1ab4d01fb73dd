import Synchronization

/// The last exemplar of each classic bucket.
final class BucketExemplars: Sendable {
  private let exemplars: Mutex<[Exemplar?]>

  init(count: Int) { exemplars = Mutex(Array(repeating: nil, count: count)) }

  var all: [Exemplar?] { exemplars.withLock { $0 } }

  subscript(bucket: Int) -> Exemplar? { exemplars.withLock { $0[bucket] } }

  func remember(_ exemplar: Exemplar, at bucket: Int) { exemplars.withLock { $0[bucket] = exemplar } }
}
