import ArgumentParser
import CDBDomain
import CDBServices
import ServiceRuntime

/// The options of commands that ask a running service.
struct ServiceOptions: ParsableArguments {
  @OptionGroup var settings: SettingsOptions
  @Option(help: "Where the service listens.")
  var listen: String?
  @Flag(help: "The answer as JSON.")
  var json = false

  /// The service, and the token of its data directory for what changes something.
  func client() throws -> ServiceClient {
    let effective = try settings.load(["http.listen": listen])
    guard let address = ListenAddress(effective.string("http.listen")) else {
      throw ValidationError("--listen takes host:port, such as 127.0.0.1:8000")
    }
    return ServiceClient(
      address: address, token: AccessToken.source(effective), dataDirectory: effective.string("data_dir"))
  }

  /// Prints an answer as it was asked for.
  func show(_ answer: some Encodable, as text: @autoclosure () -> String) throws {
    try JSONOutput.show(answer, isJSON: json, as: text())
  }
}

/// The language of answers to people.
struct LanguageOption: ParsableArguments {
  @Option(help: "en or de; en, or de where LANG begins with de.")
  var language: Language?

  var chosen: Language { language ?? Surroundings.language }
}
