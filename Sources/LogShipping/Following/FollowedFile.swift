/// A life of a file, from its creation or truncation to its end.
final class FollowedFile {
  /// Where a life is.
  enum Phase: Equatable {
    /// It is found; the checkpoint has not its number yet, so nothing of it is read.
    case new
    /// It is read.
    case followed
    /// Nothing more can be read of it; it is forgotten when what is under way is settled.
    case ended
  }

  let number: UInt64
  let key: UInt64
  private(set) var file: OpenedFile
  /// As a JSON string.
  private(set) var quotedPath: [UInt8]
  /// The id of the container that its name has, as a JSON string; empty where it has none.
  private(set) var quotedContainer: [UInt8]
  var path: String {
    didSet {
      guard path != oldValue else { return }
      quotedPath = JSONText.quoted(path)
      quotedContainer = ContainerFormat.id(in: path).map(JSONText.quoted) ?? []
      note()
    }
  }
  var phase = Phase.new

  /// Where the next line to be read begins.
  var position: UInt64 = 0 { didSet { note() } }
  /// Up to where it was looked for the end of a line that is too long; the position where there is none.
  var searched: UInt64 = 0
  /// Lines that were read since the position was settled last.
  var pendingLines: UInt64 = 0 { didSet { note() } }
  /// The first bytes, also before they are read, at most ``Fingerprint/longestPrefix``.
  private(set) var prefix: [UInt8] = []
  /// The bytes before the position, at most ``Fingerprint/longestTail``.
  private(set) var tail: [UInt8] = []

  /// What is settled.
  var settled: SettledPosition { didSet { note() } }
  var ledger = FileLedger() { didSet { note() } }

  /// Its length when it was looked at last, and whether it had a name.
  var size: UInt64 = 0 { didSet { if size != oldValue { note() } } }
  /// The longest that it was.
  private(set) var extent: UInt64 = 0
  /// The bytes before the extent, at most ``Fingerprint/longestTail``.
  private(set) var end = Fingerprint.none
  var hasName = true
  /// Whether its path is among those that the patterns name.
  var isListed = true
  /// Up to where no newline was found.
  var unended: UInt64?
  /// Up to where lines belong to a record of which more may come; nil where there is none.
  var openEnd: UInt64?
  /// Where records end after which nothing came for a while, although what comes next looks like more of them; ascending.
  private(set) var ends: [UInt64] = []
  /// Up to where it was read as another file; nil where it was not.
  var covered: UInt64?
  /// How long it was before it was packed, where it is not so long in its pack.
  var expected: UInt64 = 0
  /// Nothing behind it is read; nil reads all.
  var limit: UInt64?
  /// When it grew last, or was found; nanoseconds of the monotonic clock.
  var changed: UInt64
  /// The scan that found it.
  var scan: UInt64 = 0
  /// Since when something of it has not been read; milliseconds since the epoch.
  var unreadSince: Int64? { didSet { if unreadSince != oldValue { note() } } }
  /// Where it says that there is something to tell of it.
  var changes: FileChanges? { didSet { note() } }

  init(number: UInt64, key: UInt64, file: OpenedFile, path: String, now: UInt64) {
    self.number = number
    self.key = key
    self.file = file
    self.path = path
    quotedPath = JSONText.quoted(path)
    quotedContainer = ContainerFormat.id(in: path).map(JSONText.quoted) ?? []
    settled = SettledPosition()
    changed = now
  }

  private func note() { changes?.note(number) }

  /// Notes the first bytes of a file of which nothing has been read, by which it is known again after lines of it were sent
  /// and before the first of them is settled.
  func begin() {
    readMarks()
    settled = here
  }

  /// How long the file is at least, as long as it is this life.
  var known: UInt64 { max(position, UInt64(prefix.count)) }

  var identity: FileIdentity { file.identity }

  /// Whether there may be a line to read.
  var isReadable: Bool {
    phase == .followed && size > position && unended.map { size > $0 } ?? true
  }

  /// Looks how long it is.
  func refresh(now: UInt64, wall: Int64) {
    guard phase != .ended else { return }
    lookAhead()
    guard let state = file.state else { return }
    if state.size != size {
      changed = now
      if state.size > extent { extend(to: state.size) }
    }
    size = state.size
    hasName = state.hasName
    if size > position {
      if unreadSince == nil { unreadSince = wall }
    } else {
      unreadSince = nil
    }
  }

  /// Unpacks the next of a packed file.
  private func lookAhead() {
    guard let packed = file.packed else { return }
    packed.reach(position + PackedText.ahead)
    if packed.length <= position { packed.rest() }
  }

  /// Whether nothing more comes of it, ever: it is packed, and all was unpacked.
  var isFinal: Bool { file.packed?.stop != nil }

  /// What a checkpoint has of a packed file of which all was unpacked.
  var pack: SavedPack? {
    guard let packed = file.packed, packed.stop == .whole, let size = file.stored?.size else { return nil }
    return SavedPack(size: size, length: packed.length)
  }

  /// Takes up that it is longer than it was, and more of its first bytes where they were few.
  private func extend(to size: UInt64) {
    let length = min(Int(clamping: size), Fingerprint.longestTail)
    let last = file.bytes(length, at: size - UInt64(length))
    let longest = min(Int(clamping: size), Fingerprint.longestPrefix)
    let first = prefix.count < longest ? file.bytes(longest, at: 0) : prefix
    // What was read is of this life if it is intact after that: what has been put in its place is none of its own.
    guard last.count == length, first.starts(with: prefix), isIntact() else { return }
    extent = size
    end = Fingerprint(last)
    guard first.count > prefix.count else { return }
    prefix = first
    if settled.offset == 0 { settled.prefix = Fingerprint(first) }
  }

  /// It is over: what was not read will not be.
  func endAtPosition() {
    extent = position
    end = .none
    phase = .ended
  }

  /// Whether what was read still stands where it was read.
  func isIntact(in file: OpenedFile? = nil) -> Bool {
    let file = file ?? self.file
    guard file.bytes(prefix.count, at: 0) == prefix else { return false }
    file.packed?.reach(position)
    guard let size = file.state?.size, size >= position else { return false }
    return file.bytes(tail.count, at: position - UInt64(tail.count)) == tail
  }

  /// Ends the record of which more may have come.
  func endRecord() {
    guard let end = openEnd else { return }
    add(end: end)
    openEnd = nil
    unended = nil
  }

  /// Whether a record ends before an offset although nothing shows it.
  func hasEnd(_ offset: UInt64) -> Bool {
    // Most of them have been passed.
    guard let last = ends.last, offset <= last else { return false }
    return ends.contains(offset)
  }

  /// Takes back that a record ends before an offset.
  func forget(end: UInt64) { ends.removeAll { $0 == end } }

  /// Notes where a record ends.
  func add(end: UInt64) {
    guard !ends.contains(end) else { return }
    ends.append(end)
    ends.sort()
    // What is settled is only read again to be compared with the index.
    if ends.count > Self.mostEnds, let first = ends.first, first <= settled.offset { ends.removeFirst() }
  }

  private static let mostEnds = 1_000

  /// Goes on in a copy.
  func move(to copy: OpenedFile, path: String, now: UInt64) {
    file = copy
    self.path = path
    unended = nil
    openEnd = nil
    changed = now
    size = copy.state?.size ?? 0
    extent = 0
    end = .none
    extend(to: size)
  }

  /// Goes on where it stood when a checkpoint was written.
  ///
  /// - Parameter isKnown: whether it is known that the bytes there are the same.
  /// - Returns: whether they are.
  func resume(
    at settled: SettledPosition, ledger: FileLedger, ends: [UInt64] = [], isKnown: Bool = false
  ) -> Bool {
    self.settled = settled
    self.ledger = ledger
    self.ends = ends.sorted()
    position = settled.offset
    searched = position
    readMarks(isKnown: isKnown)
    phase = .followed
    if isKnown { return true }
    // It may have been truncated since somebody compared them.
    return Fingerprint(prefix.prefix(settled.prefix.length)) == settled.prefix
      && Fingerprint(tail.suffix(settled.tail.length)) == settled.tail
  }

  /// Takes up how long it was when a checkpoint was written, where nobody has changed it since.
  func assume(extent: UInt64, end: Fingerprint) {
    self.extent = extent
    self.end = end
  }

  /// Takes up to where `bytes`, which begin at the position, end.
  func advance(over bytes: UnsafeRawBufferPointer) {
    if prefix.count < Fingerprint.longestPrefix, UInt64(prefix.count) >= position {
      prefix += bytes.dropFirst(prefix.count - Int(position)).prefix(Fingerprint.longestPrefix - prefix.count)
    }
    if bytes.count >= Fingerprint.longestTail {
      tail = Array(bytes.suffix(Fingerprint.longestTail))
    } else {
      tail = Array((tail + bytes).suffix(Fingerprint.longestTail))
    }
    position += UInt64(bytes.count)
    searched = position
    unended = nil
    openEnd = nil
  }

  /// Takes up to an offset, by reading what is before it again.
  func jump(to offset: UInt64) {
    position = offset
    searched = offset
    unended = nil
    readMarks()
  }

  private func readMarks(isKnown: Bool = false) {
    let beginning = phase == .new ? file.state?.size ?? 0 : max(known, UInt64(settled.prefix.length))
    prefix = file.bytes(min(Int(clamping: beginning), Fingerprint.longestPrefix), at: 0)
    // What is unpacked once more for it costs much.
    guard !isKnown else { return }
    let length = min(Int(clamping: position), Fingerprint.longestTail)
    tail = file.bytes(length, at: position - UInt64(length))
  }

  /// The position as a checkpoint has it.
  var here: SettledPosition {
    SettledPosition(offset: position, prefix: Fingerprint(prefix), tail: Fingerprint(tail))
  }
}

/// How far a life is done with, and how to know it again.
struct SettledPosition: Equatable, Sendable, Codable {
  var offset: UInt64 = 0
  var prefix = Fingerprint.none
  var tail = Fingerprint.none

  /// Whether a file has what was settled.
  func stands(in file: OpenedFile) -> Bool {
    guard file.has(prefix, at: 0) else { return false }
    file.packed?.reach(offset)
    guard let size = file.state?.size, size >= offset else { return false }
    return file.has(tail, at: offset - UInt64(tail.length))
  }
}
