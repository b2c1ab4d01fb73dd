/// A regular expression as Prometheus has them: RE2's syntax, and anchored at both ends.
public struct Pattern: Sendable, Hashable, CustomStringConvertible {
  /// What a match found.
  public struct Match: Sendable {
    fileprivate let text: [Unicode.Scalar]
    /// Begins and ends, as offsets into `text`; -1 where a group took no part.
    fileprivate let places: [Int]
    fileprivate let names: [String: Int]

    /// What a group matched; empty where it took no part, or there is none. The whole is number 0.
    public subscript(group: Int) -> String {
      guard group >= 0, group * 2 + 1 < places.count, places[group * 2] >= 0, places[group * 2 + 1] >= 0
      else {
        return ""
      }
      var found = ""
      found.unicodeScalars.append(contentsOf: text[places[group * 2]..<places[group * 2 + 1]])
      return found
    }

    public subscript(name: String) -> String { names[name].map { self[$0] } ?? "" }
  }

  /// As it was written.
  public let description: String
  private let program: Box<PatternProgram>
  private let names: [String: Int]

  public init(_ text: String) throws(PatternError) {
    var parser = PatternParser(text)
    let node = try parser.parse()
    description = text
    program = Box(try PatternProgram(node, groups: parser.groups))
    names = parser.names
  }

  /// Matches the whole text.
  public func match(_ text: String) -> Match? {
    let scalars = Array(text.unicodeScalars)
    var machine = PatternMachine(program.value, scalars)
    return machine.run().map { Match(text: scalars, places: $0, names: names) }
  }

  public static func == (left: Self, right: Self) -> Bool { left.description == right.description }

  public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

/// A value that is shared instead of copied.
private final class Box<Value: Sendable>: Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// Runs a program over a text, all threads in step.
private struct PatternMachine {
  private struct Thread {
    var instruction: Int
    var places: [Int]
  }

  private let program: PatternProgram
  private let text: [Unicode.Scalar]
  private var marks: [Int]
  private var current: [Thread] = []
  private var next: [Thread] = []

  init(_ program: PatternProgram, _ text: [Unicode.Scalar]) {
    self.program = program
    self.text = text
    marks = Array(repeating: -1, count: program.instructions.count)
  }

  mutating func run() -> [Int]? {
    follow(0, at: 0, Array(repeating: -1, count: program.groups * 2), into: \.current)
    for position in 0...text.count {
      next.removeAll(keepingCapacity: true)
      for thread in current {
        switch program.instructions[thread.instruction] {
        case .match:
          // Threads are in the order of their rank, and only the whole text is a match.
          if position == text.count { return thread.places }
        case .scalar(let scalars) where position < text.count && scalars.contains(text[position].value):
          follow(thread.instruction + 1, at: position + 1, thread.places, into: \.next)
        default: break
        }
      }
      swap(&current, &next)
      if current.isEmpty { return nil }
    }
    return nil
  }

  /// Adds the threads that an instruction leads to without taking a character, the preferred ones first.
  private mutating func follow(
    _ start: Int, at position: Int, _ places: [Int], into list: WritableKeyPath<PatternMachine, [Thread]>
  ) {
    var waiting = [Thread(instruction: start, places: places)]
    while var thread = waiting.popLast() {
      while marks[thread.instruction] != position {
        marks[thread.instruction] = position
        switch program.instructions[thread.instruction] {
        case .jump(let target): thread.instruction = target
        case .split(let first, let second):
          waiting.append(Thread(instruction: second, places: thread.places))
          thread.instruction = first
        case .save(let place):
          thread.places[place] = position
          thread.instruction += 1
        case .assertion(let assertion):
          if holds(assertion, at: position) { thread.instruction += 1 }
        case .scalar, .match: self[keyPath: list].append(thread)
        }
      }
    }
  }

  private func holds(_ assertion: PatternAssertion, at position: Int) -> Bool {
    switch assertion {
    case .textStart: position == 0
    case .textEnd: position == text.count
    case .lineStart: position == 0 || text[position - 1] == "\n"
    case .lineEnd: position == text.count || text[position] == "\n"
    case .wordBoundary: isWord(position - 1) != isWord(position)
    case .noWordBoundary: isWord(position - 1) == isWord(position)
    }
  }

  private func isWord(_ position: Int) -> Bool {
    guard text.indices.contains(position) else { return false }
    return ScalarClass.words.contains { $0.contains(text[position].value) }
  }
}
