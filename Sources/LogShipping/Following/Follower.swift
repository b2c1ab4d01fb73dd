import Glibc

/// Knows which files there are, and which life of which file each is.
final class Follower {
  struct Options {
    var patterns: PathPatterns
    /// How long a file that is the beginning of another one is taken for a copy that is being made; nanoseconds.
    var copyPatience: UInt64 = 5_000_000_000
    /// How long a file that was deleted is kept open without a change; nanoseconds.
    var deletedGrace: UInt64 = 5_000_000_000
    /// The same for one that has a name which no pattern has.
    var renamedGrace: UInt64 = 60_000_000_000
    /// How many files are open at a time; more wait until others are over.
    var mostFiles = Int.max
    /// Called at a start between a look which files there are and their opening, where files may be rotated.
    var hasLooked: () -> Void = {}
  }

  /// A file that is taken for a copy.
  struct Held {
    var path: String
    var size: UInt64
    var since: UInt64
  }

  let options: Options
  var shipper: UInt64
  var nextNumber: UInt64
  var files: [UInt64: FollowedFile] = [:]
  /// Numbers of files, in the order in which they were found.
  var order: [UInt64] = []
  var byIdentity: [FileIdentity: UInt64] = [:]
  private var byPath: [String: UInt64] = [:]
  var held: [FileIdentity: Held] = [:]
  /// Packed files that are unpacked to see what they are.
  var packs: [FileIdentity: Pack] = [:]
  /// Files that are packed so that they are not read, of which it was said.
  var passedOver: Set<FileIdentity> = []
  /// Whether files that are packed are read for themselves, and not only as what they were before. Not those that were there before
  /// the shipper read any: they were read before they were packed.
  var readsPacks: Bool
  /// Packed files that were damaged.
  var damaged: UInt64
  /// Of lives that have ended.
  var closed: FileLedger
  var lost: LostText
  let replayed: UInt64
  let changes = FileChanges()
  /// What is wrong with files, as it was found since it was taken.
  var problems: [String] = []
  private(set) var scans: UInt64 = 0
  /// Files that wait until others are over.
  private(set) var waiting = 0
  /// Where the next turn begins.
  private var turn = 0

  init(options: Options, state: ShipperState) {
    self.options = options
    shipper = state.shipper
    nextNumber = state.nextFile
    closed = state.closed
    lost = state.lost
    replayed = state.replayed
    damaged = state.damaged ?? 0
    readsPacks = state.readsPacks ?? (state.nextFile == 1)
  }

  /// Looks what there is.
  ///
  /// - Returns: whether files were found that are to be in the checkpoint before they are read.
  func scan(now: UInt64, wall: Int64) -> Bool {
    scans += 1
    var listed = Set<FileIdentity>()
    var fresh: [(path: String, identity: FileIdentity)] = []
    byPath = [:]
    for path in options.patterns.paths() {
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      let identity = FileIdentity(status)
      guard listed.insert(identity).inserted else { continue }
      if let number = byIdentity[identity], let file = files[number] {
        file.path = path
        byPath[path] = number
      } else {
        fresh.append((path, identity))
      }
    }
    for file in files.values where file.phase != .ended {
      file.isListed = listed.contains(file.identity)
      file.refresh(now: now, wall: wall)
      if file.size < file.known { replaced(file, now: now) }
    }
    let waited = waiting
    waiting = 0
    for candidate in fresh where byIdentity[candidate.identity] == nil && packs[candidate.identity] == nil {
      if files.count + packs.count < options.mostFiles {
        admit(candidate.path, now: now, wall: wall)
      } else {
        waiting += 1
      }
    }
    if waiting > 0, waited == 0 {
      problems.append("\(waiting) files wait: no more than \(options.mostFiles) can be open at a time")
    }
    takeBackCopies(now: now)
    lookAtPacks(listed, now: now, wall: wall)
    held = held.filter { listed.contains($0.key) }
    for file in files.values { endIfDue(file, now: now) }
    return files.values.contains { $0.phase == .new }
  }

  /// Looks at files that were written to.
  func refresh(_ paths: Set<String>, now: UInt64, wall: Int64) {
    for path in paths {
      guard let file = byPath[path].flatMap({ files[$0] }), file.phase != .ended else { continue }
      file.refresh(now: now, wall: wall)
      if file.size < file.known { replaced(file, now: now) }
    }
  }

  /// Lets files be read that the checkpoint has now.
  func promote() {
    for file in files.values where file.phase == .new { file.phase = .followed }
  }

  /// The files in turn, each once.
  func turns() -> [FollowedFile] {
    guard !order.isEmpty else { return [] }
    turn = (turn + 1) % order.count
    // One packed file at a time: each takes memory while it is unpacked.
    let pack = order.first { files[$0].map { $0.file.packed != nil && $0.isReadable } ?? false }
    return (order[turn...] + order[..<turn]).compactMap { files[$0] }.filter {
      $0.file.packed == nil || !$0.isReadable || $0.number == pack
    }
  }

  /// Forgets the lives that have ended and are settled.
  func forgetEnded() {
    let over = files.values.filter { $0.phase == .ended && $0.settled.offset >= $0.position }
    guard !over.isEmpty else { return }
    for file in over {
      closed += file.ledger
      remove(file)
    }
    order.removeAll { files[$0] == nil }
  }

  /// Forgets a life of which nothing was read.
  func forget(_ file: FollowedFile) {
    remove(file)
    order.removeAll { $0 == file.number }
  }

  private func remove(_ file: FollowedFile) {
    changes.note(file.number)
    files.removeValue(forKey: file.number)
    if byIdentity[file.identity] == file.number { byIdentity.removeValue(forKey: file.identity) }
    if byPath[file.path] == file.number { byPath.removeValue(forKey: file.path) }
  }

  /// What stands behind the last newline of a file that is over is to be read.
  func isFinishDue(_ file: FollowedFile, now: UInt64) -> Bool {
    file.phase == .followed && file.size > file.position && !file.isReadable
      && (file.isFinal || isOver(file, now: now))
  }

  /// What is wrong with files, in a sentence, since this was asked last; nil where nothing is.
  func takeProblem() -> String? {
    defer { problems = [] }
    guard let first = problems.first else { return nil }
    return problems.count == 1 ? first : "\(first) (and \(problems.count - 1) more)"
  }

  func add(_ file: FollowedFile, now: UInt64, wall: Int64) {
    file.scan = scans
    file.changes = changes
    files[file.number] = file
    order.append(file.number)
    byIdentity[file.identity] = file.number
    byPath[file.path] = file.number
    file.refresh(now: now, wall: wall)
  }

  /// A life that begins.
  func makeLife(of file: OpenedFile, path: String, now: UInt64) -> FollowedFile {
    defer { nextNumber += 1 }
    return FollowedFile(
      number: nextNumber, key: LineID.key(shipper: shipper, number: nextNumber), file: file, path: path,
      now: now)
  }

  private func admit(_ path: String, now: UInt64, wall: Int64) {
    let file: OpenedFile
    do {
      file = try OpenedFile(path)
    } catch {
      if error.code != ENOENT { problems.append("\(error)") }
      return
    }
    switch file.packing {
    case .gzip:
      begin(file, path: path, now: now)
      return
    case .other(let name):
      guard passedOver.insert(file.identity).inserted else { return }
      problems.append("\(path) is packed with \(name) and is not read: of what is packed, gzip is")
      return
    case nil: break
    }
    // One that is empty may be a copy that has not begun.
    guard let size = file.state?.size, size > 0, byIdentity[file.identity] == nil else { return }
    guard !isCopy(file, size: size, now: now) else { return }
    let life = makeLife(of: file, path: path, now: now)
    life.begin()
    // One that was truncated meanwhile would be known by nothing.
    guard !life.prefix.isEmpty else { return }
    held.removeValue(forKey: file.identity)
    add(life, now: now, wall: wall)
  }

  private func isOver(_ file: FollowedFile, now: UInt64) -> Bool {
    guard !file.hasName || !file.isListed else { return false }
    let grace = file.hasName ? options.renamedGrace : options.deletedGrace
    guard now >= file.changed + grace else { return false }
    // A folder that cannot be looked into says nothing of what is in it.
    return !file.hasName || access(PathPatterns.folder(of: file.path), R_OK | X_OK) == 0
  }

  private func endIfDue(_ file: FollowedFile, now: UInt64) {
    guard file.phase == .followed, file.position == file.size, isOver(file, now: now), !isBeingPacked(file)
    else { return }
    file.phase = .ended
    byIdentity.removeValue(forKey: file.identity)
  }
}
