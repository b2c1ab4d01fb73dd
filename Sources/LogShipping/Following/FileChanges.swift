/// The numbers of files of which there is something new to tell.
final class FileChanges {
  private var numbers: Set<UInt64> = []

  func note(_ number: UInt64) { numbers.insert(number) }

  /// Those since they were taken last.
  func take() -> Set<UInt64> {
    defer { numbers = [] }
    return numbers
  }
}
