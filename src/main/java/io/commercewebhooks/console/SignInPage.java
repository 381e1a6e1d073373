package io.commercewebhooks.console;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** Where people sign in. */
@ConsolePage
@RequestMapping("/console")
class SignInPage {

  private static final Map<String, String> SAID =
      new TreeMap<>(
          Map.of(
              "error", "That name and password don't fit, or the sign-in failed.",
              "away", "Your organisation's sign-in can't be reached. Try again later.",
              "closed", "Too many failed sign-ins. Wait a while.",
              "out", "You are signed out."));

  /** The form, or why there is another try. */
  @GetMapping("/login")
  String signIn(HttpServletRequest request, Model model) {
    SAID.forEach(
        (key, words) -> {
          if (request.getParameter(key) != null) {
            model.addAttribute("said", words);
          }
        });
    return "sign-in";
  }
}
