package io.commercewebhooks.console;

import io.commercewebhooks.CannotStartException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;

/** The local users, as the environment names them. */
final class ConsoleUsers {

  private static final Pattern BCRYPT =
      Pattern.compile("(\\{bcrypt})?\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}");

  /**
   * A hash of which a shell took what it read as variables would be a password that nobody knows.
   */
  private static final Pattern MEANT_AS_HASH = Pattern.compile("(\\{bcrypt}.*|\\$2[aby]?\\$.*)");

  private static final String PREFIX = "{bcrypt}";

  private ConsoleUsers() {}

  /**
   * Reads them.
   *
   * @throws CannotStartException when one is not written as it should be; what is written is never
   *     shown
   */
  static List<UserDetails> of(ConsoleSettings settings) {
    List<UserDetails> users = new ArrayList<>();
    if (settings.username() != null && !settings.username().isBlank()) {
      users.add(user(settings.username().strip(), first(settings), Role.ADMIN));
    }
    if (settings.users() != null && !settings.users().isBlank()) {
      String[] written = settings.users().split(",", -1);
      for (int i = 0; i < written.length; i++) {
        users.add(read(written[i].strip(), i));
      }
    }
    if (users.stream().map(UserDetails::getUsername).distinct().count() < users.size()) {
      throw new CannotStartException("CONSOLE_USERS or CONSOLE_USERNAME names a user twice");
    }
    return users;
  }

  private static String first(ConsoleSettings settings) {
    if (settings.username().contains(":")) {
      throw new CannotStartException(
          "CONSOLE_USERNAME has a colon, after which browsers begin the password; write a name"
              + " without");
    }
    String password = settings.password();
    if (MEANT_AS_HASH.matcher(password).matches() && !BCRYPT.matcher(password).matches()) {
      throw new CannotStartException(
          "CONSOLE_PASSWORD begins as a BCrypt hash and is not a whole one: a shell wants its $ in"
              + " single quotes, Compose wants each of them twice");
    }
    return encoded(password);
  }

  private static UserDetails read(String written, int position) {
    String[] parts = written.split(":", 3);
    Role role = parts.length == 3 ? Role.named(parts[1].strip()) : null;
    if (role == null || parts[0].isBlank() || !BCRYPT.matcher(parts[2].strip()).matches()) {
      throw new CannotStartException(
          "CONSOLE_USERS: user %d is not written as name:role:hash, where the role is viewer,"
                  .formatted(position + 1)
              + " operator or admin and the hash is by BCrypt");
    }
    return user(parts[0].strip(), encoded(parts[2].strip()), role);
  }

  private static String encoded(String password) {
    if (BCRYPT.matcher(password).matches()) {
      return password.startsWith(PREFIX) ? password : PREFIX + password;
    }
    return PasswordEncoderFactories.createDelegatingPasswordEncoder().encode(password);
  }

  private static UserDetails user(String name, String password, Role role) {
    return User.withUsername(name).password(password).roles(role.name()).build();
  }
}
