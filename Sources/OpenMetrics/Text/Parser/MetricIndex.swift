/// Finds metrics of a family by the hash of their labels: open addressing, positions in the order of their insertion.
struct MetricIndex {
  /// By position. Hashes are seeded anew in every process, so that no input can be made to collide.
  private var hashes: [Int] = []
  /// One more than a position, or 0 where there is none. As many as a power of two.
  private var slots: [UInt32] = []

  mutating func insert(_ hash: Int) {
    if (hashes.count + 1) * 2 > slots.count { grow() }
    hashes.append(hash)
    place(hashes.count - 1)
  }

  /// Where the search for a hash begins.
  @inline(__always)
  func firstSlot(of hash: Int) -> Int {
    guard !slots.isEmpty else { return 0 }
    var slot = hash & (slots.count - 1)
    while let position = position(in: slot), hashes[position] != hash { slot = self.slot(after: slot) }
    return slot
  }

  func slot(after slot: Int) -> Int { (slot + 1) & (slots.count - 1) }

  /// What is in a slot; `nil` where a search ends.
  @inline(__always)
  func position(in slot: Int) -> Int? {
    guard slot < slots.count, slots[slot] != 0 else { return nil }
    return Int(slots[slot]) - 1
  }

  func hash(of position: Int) -> Int { hashes[position] }

  private mutating func place(_ position: Int) {
    let mask = slots.count - 1
    var slot = hashes[position] & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = UInt32(truncatingIfNeeded: position + 1)
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: max(8, slots.count * 2))
    for position in hashes.indices { place(position) }
  }
}
