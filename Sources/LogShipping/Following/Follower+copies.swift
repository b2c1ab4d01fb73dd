/// Truncations, and the copies that are made before them.
extension Follower {
  /// A file does not have any more what was read of it: it goes on in its copy, or it is over. What the inode has now is another
  /// life.
  func replaced(_ file: FollowedFile, now: UInt64) {
    guard file.phase != .ended, file.known > 0 else { return }
    let old = file.identity
    byIdentity.removeValue(forKey: old)
    let beside = PathPatterns.files(in: PathPatterns.folder(of: file.path))
    for path in held.values.map(\.path) + PathPatterns.newestFirst(beside) {
      guard let copy = try? OpenedFile(path), copy.identity != old, byIdentity[copy.identity] == nil else {
        continue
      }
      if copy.stored?.size ?? 0 > 0, file.isIntact(in: copy) {
        rebind(file, to: copy, path: path, now: now)
        return
      }
      guard let size = copy.state?.size, size > 0 else { continue }
      // More had been read than was copied.
      let known = Int(clamping: min(size, UInt64(file.prefix.count)))
      if size < file.position, copy.bytes(known, at: 0)[...] == file.prefix[..<known] {
        cover(copy, path: path, size: size, now: now)
      }
    }
    let read = max(
      file.position, readElsewhere(file.here, end: file.end, size: file.extent, besides: file.number))
    note(lost: file.extent - min(read, file.extent), of: file.path)
    file.endAtPosition()
  }

  /// Up to where a life that is over stands in a file that is followed for itself: a copy that was taken for another file. What
  /// stands there is read there, and not lost.
  ///
  /// - Parameters:
  ///   - position: up to where the life was read.
  ///   - end: the bytes before its end; nil where a checkpoint has them not.
  ///   - size: where its end was.
  func readElsewhere(
    _ position: SettledPosition, end: Fingerprint?, size: UInt64, besides number: UInt64? = nil
  ) -> UInt64 {
    var most: UInt64 = 0
    for other in files.values where other.phase != .ended && other.number != number {
      guard let length = other.file.state?.size, length > most else { continue }
      if length >= size, let end, end.length > 0, UInt64(end.length) <= size {
        guard other.file.has(end, at: size - UInt64(end.length)), other.file.has(position.prefix, at: 0)
        else {
          continue
        }
      } else {
        // A few bytes show nothing: many files begin alike.
        guard position.offset > 0 || position.prefix.length >= Fingerprint.longestTail,
          position.stands(in: other.file)
        else { continue }
      }
      most = max(most, min(length, size))
    }
    return most
  }

  /// A life goes on in a copy of its file.
  func rebind(_ file: FollowedFile, to copy: OpenedFile, path: String, now: UInt64) {
    if byIdentity[file.identity] == file.number { byIdentity.removeValue(forKey: file.identity) }
    file.move(to: copy, path: path, now: now)
    byIdentity[copy.identity] = file.number
    held.removeValue(forKey: copy.identity)
    packs.removeValue(forKey: copy.identity)
  }

  /// A copy of which everything was read in its original.
  func cover(_ copy: OpenedFile, path: String, size: UInt64, now: UInt64) {
    guard held[copy.identity] != nil || options.patterns.paths().contains(path) else { return }
    held.removeValue(forKey: copy.identity)
    packs.removeValue(forKey: copy.identity)
    let life = makeLife(of: copy, path: path, now: now)
    add(life, now: now, wall: 0)
    life.jump(to: size)
    life.covered = size
    life.settled = life.here
    life.unreadSince = nil
  }

  func note(lost bytes: UInt64, of path: String) {
    guard bytes > 0 else { return }
    lost.files += 1
    lost.bytes += bytes
    problems.append(
      "\(path): at least \(bytes) bytes were gone before they could be read, and there is no copy")
  }

  /// Whether a file that nobody knows is the beginning of one that is known: a copy that is being made, or whose original will
  /// be truncated in a moment. The original may be one that was found a moment ago, too.
  func isCopy(_ copy: OpenedFile, size: UInt64, now: UInt64) -> Bool {
    let ends = CopyEnds(copy, size: size)
    for file in files.values where file.phase != .ended && ends.mayBegin(file) {
      // Moved from one file system to another: copied, and deleted.
      if file.position >= UInt64(Fingerprint.longestTail), file.file.state?.hasName == false,
        file.isIntact(in: copy)
      {
        rebind(file, to: copy, path: copy.path, now: now)
        return true
      }
      let isSame = ends.begin(file)
      // What differs may be that the original is another life by now.
      if !file.isIntact() {
        replaced(file, now: now)
        if byIdentity[copy.identity] != nil { return true }
        continue
      }
      guard isSame else { continue }
      return hold(copy, size: size, now: now)
    }
    return false
  }

  /// Takes back files that were found before the originals of which they are copies, in the same scan. Nothing of them was read.
  func takeBackCopies(now: UInt64) {
    let found = files.values.filter { $0.phase == .new && $0.scan == scans }
    guard found.count > 1 else { return }
    for copy in found {
      let ends = CopyEnds(copy.file, size: copy.size)
      let isCopy = found.contains { other in
        other.number != copy.number && other.size > copy.size && ends.mayBegin(other) && ends.begin(other)
          && other.isIntact()
      }
      if isCopy, hold(copy.file, size: copy.size, now: now) { forget(copy) }
    }
  }

  /// - Returns: whether it goes on being held.
  private func hold(_ copy: OpenedFile, size: UInt64, now: UInt64) -> Bool {
    if let known = held[copy.identity], known.size == size {
      return now < known.since + options.copyPatience
    }
    held[copy.identity] = Held(path: copy.path, size: size, since: now)
    return true
  }
}

/// The first and the last bytes of what may be a copy.
private struct CopyEnds {
  private let size: UInt64
  private let head: [UInt8]
  private let tail: [UInt8]

  init(_ copy: OpenedFile, size: UInt64) {
    self.size = size
    head = copy.bytes(Int(clamping: min(size, UInt64(Fingerprint.longestPrefix))), at: 0)
    let length = Int(clamping: min(size, UInt64(Fingerprint.longestTail)))
    tail = copy.bytes(length, at: size - UInt64(length))
  }

  /// Whether they are those of a file, as far as is known of it without reading.
  func mayBegin(_ file: FollowedFile) -> Bool {
    let known = min(file.prefix.count, head.count)
    return file.prefix[..<known] == head[..<known]
  }

  /// Whether they stand in a file at the same places.
  func begin(_ file: FollowedFile) -> Bool {
    (file.file.state?.size ?? 0) >= size
      && file.file.bytes(tail.count, at: size - UInt64(tail.count)) == tail
      && file.file.bytes(head.count, at: 0) == head
  }
}
