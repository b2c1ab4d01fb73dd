/// Files that are packed by gzip: most of them were known before they were packed, and go on as what they were.
extension Follower {
  /// A packed file that is unpacked to see what it is.
  struct Pack {
    var file: OpenedFile
    var path: String
    /// Of the packed bytes.
    var size: UInt64
    /// When it grew last, or was found.
    var changed: UInt64
    /// Which life it is, as far as is known.
    var original: UInt64?
    /// Whether it is known what it is: another look does not change that.
    var isRecognized = false
  }

  /// How much text is unpacked in a scan.
  private static let textPerScan: UInt64 = 64 << 20

  /// Begins to look at a packed file.
  func begin(_ file: OpenedFile, path: String, now: UInt64) {
    guard let size = file.stored?.size else { return }
    packs[file.identity] = Pack(file: file, path: path, size: size, changed: now)
  }

  /// Whether there is a packed file of which more is to be unpacked, at once.
  var isUnpacking: Bool { packs.values.contains { $0.file.packed?.stop == nil } }

  /// Whether a life may be the one that a packed file has, of which it is not known yet.
  func isBeingPacked(_ file: FollowedFile) -> Bool {
    packs.values.contains { pack in
      guard !pack.isRecognized else { return pack.original == file.number }
      let known = min(Int(clamping: pack.file.packed?.length ?? 0), file.prefix.count)
      return pack.file.bytes(known, at: 0)[...] == file.prefix[..<known]
    }
  }

  /// Unpacks, and takes up what is known by then.
  func lookAtPacks(_ listed: Set<FileIdentity>, now: UInt64, wall: Int64) {
    packs = packs.filter { listed.contains($0.key) }
    let wasEmpty = packs.isEmpty
    var budget = Self.textPerScan
    for (identity, pack) in packs.sorted(by: { $0.value.path < $1.value.path }) {
      guard let text = pack.file.packed, let size = pack.file.stored?.size else { continue }
      var pack = pack
      if size != pack.size {
        (pack.size, pack.changed, pack.isRecognized) = (size, now, false)
        text.lookAgain()
      }
      if text.stop == nil, budget > 0 {
        let before = text.length
        text.reach(.max, budget: budget)
        budget -= min(text.length - before, budget)
      }
      packs[identity] = pack
      guard let stop = text.stop else { continue }
      // One that ends in the middle may be one that is being written.
      if stop != .cut || now >= pack.changed + options.copyPatience {
        recognize(pack, identity, now: now, wall: wall)
      }
      text.rest()
    }
    // Those that were there when none was read yet have been looked at.
    if wasEmpty || !isUnpacking && packs.values.allSatisfy(\.isRecognized) { readsPacks = true }
    for file in files.values where file.expected > 0 { settleExpected(file) }
  }

  /// Takes up a packed file of which all was unpacked.
  private func recognize(_ pack: Pack, _ identity: FileIdentity, now: UInt64, wall: Int64) {
    var pack = pack
    if !pack.isRecognized {
      pack.original = original(of: pack.file, now: now)
      // It may have been what is left of one that was truncated.
      guard byIdentity[identity] == nil else { return }
      pack.isRecognized = true
      packs[identity] = pack
      note(damaged: pack)
    }
    if let file = pack.original.flatMap({ files[$0] }), file.phase != .ended {
      // As long as the original is there, it is read itself.
      guard file.file.state?.hasName == false, file.position >= file.size else { return }
      if file.isIntact(in: pack.file) {
        rebind(file, to: pack.file, path: pack.path, now: now)
      } else {
        // Of a damaged one, what can be read of it was read before.
        cover(pack)
      }
      return
    }
    packs.removeValue(forKey: identity)
    guard let length = pack.file.packed?.length, length > 0 else {
      packs[identity] = pack
      return
    }
    // What was another life's until that was forgotten was read.
    guard readsPacks, pack.original == nil else { return cover(pack) }
    let life = makeLife(of: pack.file, path: pack.path, now: now)
    life.begin()
    add(life, now: now, wall: wall)
  }

  private func cover(_ pack: Pack) {
    cover(pack.file, path: pack.path, size: pack.file.packed?.length ?? 0, now: pack.changed)
  }

  /// The life that a packed file has the text of, or the beginning of it.
  private func original(of copy: OpenedFile, now: UInt64) -> UInt64? {
    guard let length = copy.packed?.length, length > 0 else { return nil }
    for file in files.values where file.phase != .ended && file.file.packed == nil {
      let known = Int(clamping: min(length, UInt64(file.prefix.count)))
      guard known > 0, copy.bytes(known, at: 0)[...] == file.prefix[..<known] else { continue }
      guard file.isIntact() else {
        replaced(file, now: now)
        if byIdentity[copy.identity] != nil { return nil }
        continue
      }
      let end = min(length, file.file.state?.size ?? 0)
      let count = min(Int(clamping: end), Fingerprint.longestTail)
      guard copy.bytes(count, at: end - UInt64(count)) == file.file.bytes(count, at: end - UInt64(count))
      else {
        continue
      }
      return file.number
    }
    return nil
  }

  private func note(damaged pack: Pack) {
    let text: String
    switch pack.file.packed?.stop {
    case .cut: text = "ends in the middle"
    case .damaged(let reason, let offset): text = "is damaged at byte \(offset) (\(reason))"
    case .whole, nil: return
    }
    damaged += 1
    problems.append(
      "\(pack.path) \(text): of its text, \(pack.file.packed?.length ?? 0) bytes can be read")
  }

  /// Notes what a life had before it was packed and has not in its pack.
  private func settleExpected(_ file: FollowedFile) {
    guard file.isFinal, file.position >= file.size else { return }
    defer { file.expected = 0 }
    guard file.expected > file.position else { return }
    note(damaged: Pack(file: file.file, path: file.path, size: 0, changed: 0))
    note(lost: file.expected - file.position, of: file.path)
  }
}
