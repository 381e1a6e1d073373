package io.commercewebhooks.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.CannotStartException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;

/** Users as the environment names them. */
class ConsoleUsersTest {

  /** Of the password "vera". */
  private static final String HASH = "$2a$04$yQNhSdV/u.Vf/mwsncd2J.CCJR2tjGGBlZi8cn2Cf1wK0kZdBpSc2";

  private static List<UserDetails> users(String username, String password, String users) {
    return ConsoleUsers.of(new ConsoleSettings(username, password, users, 1, 1, null, null));
  }

  private static boolean fits(UserDetails user, String password) {
    return PasswordEncoderFactories.createDelegatingPasswordEncoder()
        .matches(password, user.getPassword());
  }

  @Test
  void the_first_user_is_an_admin_with_a_password_as_it_is_or_hashed() {
    assertThat(users("anna", "secret", ""))
        .singleElement()
        .satisfies(
            user -> {
              assertThat(user.getAuthorities()).asString().isEqualTo("[ROLE_ADMIN]");
              assertThat(user.getPassword()).doesNotContain("secret");
              assertThat(fits(user, "secret")).isTrue();
            });
    assertThat(users(" anna ", "secret", ""))
        .singleElement()
        .extracting(UserDetails::getUsername)
        .isEqualTo("anna");
    for (String kind : List.of("$2a$", "$2b$", "$2y$")) {
      String hash = HASH.replace("$2a$", kind);
      assertThat(fits(users("anna", hash, null).get(0), "vera")).as(kind).isTrue();
    }
    assertThat(fits(users("anna", "{bcrypt}" + HASH, null).get(0), "vera")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"$2a$04$yQNhSdV", "{bcrypt}$2a$04$", "$2y$"})
  void a_hash_of_which_a_shell_took_a_part_is_no_password(String password) {
    assertThatThrownBy(() -> users("anna", password, ""))
        .isInstanceOf(CannotStartException.class)
        .hasMessageStartingWith("CONSOLE_PASSWORD begins as a BCrypt hash")
        .hasMessageNotContaining("04");
  }

  @Test
  void a_user_whose_name_a_browser_would_cut_is_refused() {
    assertThatThrownBy(() -> users("anna:b", "secret", ""))
        .hasMessageStartingWith("CONSOLE_USERNAME has a colon");
  }

  @Test
  void more_users_have_the_role_they_are_given() {
    assertThat(users("", "", " vera:viewer:" + HASH + ", otto : Operator : {bcrypt}" + HASH + " "))
        .extracting(UserDetails::getUsername, user -> user.getAuthorities().toString())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("vera", "[ROLE_VIEWER]"),
            org.assertj.core.groups.Tuple.tuple("otto", "[ROLE_OPERATOR]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vera",
        "vera:viewer",
        "vera:viewer:plain",
        ":viewer:" + HASH,
        "vera:boss:" + HASH,
        "vera:viewer:" + HASH + ",",
        "vera:viewer:$2a$04$short"
      })
  void a_user_that_is_written_otherwise_is_refused_and_not_shown(String written) {
    assertThatThrownBy(() -> users("", "", written))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("CONSOLE_USERS")
        .hasMessageNotContaining("vera")
        .hasMessageNotContaining("$2a");
  }

  @Test
  void a_user_that_is_refused_is_counted_among_those_of_its_own_setting() {
    assertThatThrownBy(
            () -> users("anna", "secret", "otto:operator:" + HASH + ",vera:viewer:plain"))
        .hasMessageContaining("CONSOLE_USERS: user 2 is");
  }

  @Test
  void a_user_who_is_named_twice_is_refused() {
    assertThatThrownBy(() -> users("vera", "secret", "vera:viewer:" + HASH))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("twice");
  }

  @Test
  void settings_with_passwords_never_show_them() {
    assertThat(
            new ConsoleSettings(
                "anna",
                "secret",
                HASH,
                1,
                1,
                null,
                new ConsoleSettings.Oidc("", "", "secret", "", "", "", null, "")))
        .asString()
        .doesNotContain("secret", HASH);
  }
}
