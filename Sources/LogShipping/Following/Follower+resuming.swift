import Glibc

/// What a checkpoint said, and what there is of it.
extension Follower {
  /// How often it is looked which files there are, while they are rotated.
  private static let mostLooks = 5

  /// Takes up the lives of a checkpoint. One that is not where it was is looked for by its inode, and then by its bytes.
  func resume(_ saved: [SavedFile], now: UInt64, wall: Int64) {
    var orphans = saved
    var places = places(of: saved)
    for _ in 0..<Self.mostLooks {
      options.hasLooked()
      orphans = orphans.filter { !isTaken($0, from: places, now, wall) }
      guard !orphans.isEmpty else { return }
      // One that was rotated since it was looked is at neither place: it is at the next one.
      let looked = self.places(of: saved)
      if looked == places { break }
      places = looked
    }
    let gone = orphans.filter { !isFound($0, among: places, now, wall) }
    for file in gone {
      let read = max(
        file.position.offset, readElsewhere(file.position, end: file.end, size: file.size))
      note(lost: file.size - min(read, file.size), of: file.path)
      closed += file.ledger
    }
  }

  /// Where files are that may be those of a checkpoint.
  private func places(of saved: [SavedFile]) -> [FileIdentity: String] {
    var places: [FileIdentity: String] = [:]
    let folders = Set(saved.map { PathPatterns.folder(of: $0.path) }).sorted()
    for path in folders.flatMap({ PathPatterns.files(in: $0) }) + options.patterns.paths() {
      var status = stat()
      if stat(path, &status) == 0 { places[FileIdentity(status)] = path }
    }
    return places
  }

  private func isTaken(
    _ file: SavedFile, from places: [FileIdentity: String], _ now: UInt64, _ wall: Int64
  ) -> Bool {
    guard let path = places[file.identity], let opened = try? OpenedFile(path),
      opened.identity == file.identity
    else { return false }
    // Nobody writes into what is packed.
    if let pack = file.pack, let text = opened.packed, opened.stored?.size == pack.size,
      opened.has(file.position.prefix, at: 0)
    {
      text.assume(length: pack.length)
      return take(file, opened, path, now, wall, isKnown: true)
    }
    return file.position.stands(in: opened) && take(file, opened, path, now, wall)
  }

  /// Looks for the copy of a file.
  private func isFound(
    _ file: SavedFile, among places: [FileIdentity: String], _ now: UInt64, _ wall: Int64
  ) -> Bool {
    guard file.position.offset > 0 || file.position.prefix.length > 0 else { return false }
    let folder = PathPatterns.folder(of: file.path)
    var covered: [(OpenedFile, String, UInt64)] = []
    let beside = places.values.filter { PathPatterns.folder(of: $0) == folder }
    for path in PathPatterns.newestFirst(Array(beside)) {
      guard let copy = try? OpenedFile(path), copy.identity != file.identity,
        byIdentity[copy.identity] == nil
      else { continue }
      if file.position.stands(in: copy), take(file, copy, path, now, wall) { return true }
      if let size = copy.state?.size, size > 0, size < file.position.offset,
        size >= UInt64(file.position.prefix.length),
        copy.has(file.position.prefix, at: 0)
      {
        covered.append((copy, path, size))
      }
    }
    for (copy, path, size) in covered { cover(copy, path: path, size: size, now: now) }
    return false
  }

  private func take(
    _ saved: SavedFile, _ file: OpenedFile, _ path: String, _ now: UInt64, _ wall: Int64,
    isKnown: Bool = false
  ) -> Bool {
    let life = FollowedFile(
      number: saved.number, key: LineID.key(shipper: shipper, number: saved.number), file: file, path: path,
      now: now)
    guard
      life.resume(at: saved.position, ledger: saved.ledger, ends: saved.ends ?? [], isKnown: isKnown)
    else { return false }
    life.covered = saved.covered
    if file.packed != nil { life.expected = saved.size }
    if isKnown, let end = saved.end, let length = file.packed?.length {
      life.assume(extent: length, end: end)
    }
    add(life, now: now, wall: wall)
    return true
  }

  /// The lives as a checkpoint has them.
  var saved: [SavedFile] {
    order.compactMap { number in
      files[number].map { file in
        SavedFile(
          number: number, path: file.path, identity: file.identity, size: max(file.extent, file.expected),
          end: file.end, position: file.settled, ledger: file.ledger,
          ends: file.ends.isEmpty ? nil : file.ends, pack: file.pack,
          covered: file.covered)
      }
    }
  }
}
