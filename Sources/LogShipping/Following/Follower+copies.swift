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
      guard let copy = try? OpenedFile(path), copy.identity != old, byIdentity[copy.identity] == nil,
        let size = copy.state?.size, size > 0
      else { continue }
      if file.isIntact(in: copy) {
        rebind(file, to: copy, path: path, size: size, now: now)
        return
      }
      // More had been read than was copied.
      let known = Int(clamping: min(size, UInt64(file.prefix.count)))
      if size < file.position, copy.bytes(known, at: 0)[...] == file.prefix[..<known] {
        cover(copy, path: path, size: size, now: now)
      }
    }
    note(lost: file.extent - min(file.position, file.extent), of: file.path)
    file.extent = file.position
    file.phase = .ended
  }

  /// A life goes on in a copy of its file.
  private func rebind(_ file: FollowedFile, to copy: OpenedFile, path: String, size: UInt64, now: UInt64) {
    if byIdentity[file.identity] == file.number { byIdentity.removeValue(forKey: file.identity) }
    file.move(to: copy, path: path, now: now)
    file.size = size
    file.extent = size
    byIdentity[copy.identity] = file.number
    held.removeValue(forKey: copy.identity)
  }

  /// A copy of which everything was read in its original.
  func cover(_ copy: OpenedFile, path: String, size: UInt64, now: UInt64) {
    guard held[copy.identity] != nil || options.patterns.paths().contains(path) else { return }
    held.removeValue(forKey: copy.identity)
    let life = makeLife(of: copy, path: path, now: now)
    add(life, now: now, wall: 0)
    life.jump(to: size)
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
  /// be truncated in a moment.
  func isCopy(_ copy: OpenedFile, size: UInt64, now: UInt64) -> Bool {
    let head = copy.bytes(Int(clamping: min(size, UInt64(Fingerprint.longestPrefix))), at: 0)
    let length = Int(clamping: min(size, UInt64(Fingerprint.longestTail)))
    for file in files.values where file.phase == .followed && file.scan < scans {
      let known = min(file.prefix.count, head.count)
      guard file.prefix[..<known] == head[..<known] else { continue }
      // Moved from one file system to another: copied, and deleted.
      if file.position >= UInt64(Fingerprint.longestTail), file.file.state?.hasName == false,
        file.isIntact(in: copy)
      {
        rebind(file, to: copy, path: copy.path, size: size, now: now)
        return true
      }
      let isSame =
        (file.file.state?.size ?? 0) >= size && file.file.bytes(head.count, at: 0) == head
        && file.file.bytes(length, at: size - UInt64(length)) == copy.bytes(length, at: size - UInt64(length))
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

  /// - Returns: whether it goes on being held.
  private func hold(_ copy: OpenedFile, size: UInt64, now: UInt64) -> Bool {
    if let known = held[copy.identity], known.size == size {
      return now < known.since + options.copyPatience
    }
    held[copy.identity] = Held(path: copy.path, size: size, since: now)
    return true
  }
}
