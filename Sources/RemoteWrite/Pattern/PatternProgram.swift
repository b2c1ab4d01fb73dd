/// A pattern as instructions for a machine without backtracking (Thompson, Pike; swtch.com/~rsc/regexp/regexp2.html): the time
/// of a match grows with pattern times text, whatever either says.
struct PatternProgram {
  enum Instruction {
    case scalar(ScalarClass)
    case assertion(PatternAssertion)
    case jump(Int)
    /// Both, the first one rather.
    case split(Int, Int)
    case save(Int)
    case match
  }

  private static let most = 20_000

  private(set) var instructions: [Instruction] = []
  let groups: Int

  init(_ node: PatternNode, groups: Int) throws(PatternError) {
    self.groups = groups
    instructions.append(.save(0))
    try emit(node)
    instructions.append(.save(1))
    instructions.append(.match)
  }

  private mutating func emit(_ node: PatternNode) throws(PatternError) {
    guard instructions.count < Self.most else { throw PatternError(position: 0, reason: "it is too large") }
    switch node {
    case .nothing: break
    case .scalar(let scalars): instructions.append(.scalar(scalars))
    case .assertion(let assertion): instructions.append(.assertion(assertion))
    case .sequence(let parts): for part in parts { try emit(part) }
    case .group(let inner, let index):
      instructions.append(.save(index * 2))
      try emit(inner)
      instructions.append(.save(index * 2 + 1))
    case .alternatives(let branches): try emit(alternatives: branches)
    case .repetition(let inner, let least, let most, let isGreedy):
      for _ in 0..<least { try emit(inner) }
      if let most {
        try emit(optional: inner, times: most - least, isGreedy)
      } else {
        try emit(anyNumberOf: inner, isGreedy)
      }
    }
  }

  private mutating func emit(alternatives branches: [PatternNode]) throws(PatternError) {
    var ends: [Int] = []
    for branch in branches.dropLast() {
      let split = instructions.count
      instructions.append(.match)
      try emit(branch)
      ends.append(instructions.count)
      instructions.append(.match)
      instructions[split] = .split(split + 1, instructions.count)
    }
    if let last = branches.last { try emit(last) }
    for end in ends { instructions[end] = .jump(instructions.count) }
  }

  private mutating func emit(
    optional inner: PatternNode, times: Int, _ isGreedy: Bool
  ) throws(PatternError) {
    var splits: [Int] = []
    for _ in 0..<times {
      splits.append(instructions.count)
      instructions.append(.match)
      try emit(inner)
    }
    for split in splits {
      instructions[split] = choice(split + 1, instructions.count, isGreedy)
    }
  }

  private mutating func emit(anyNumberOf inner: PatternNode, _ isGreedy: Bool) throws(PatternError) {
    let split = instructions.count
    instructions.append(.match)
    try emit(inner)
    instructions.append(.jump(split))
    instructions[split] = choice(split + 1, instructions.count, isGreedy)
  }

  private func choice(_ more: Int, _ end: Int, _ isGreedy: Bool) -> Instruction {
    isGreedy ? .split(more, end) : .split(end, more)
  }
}
