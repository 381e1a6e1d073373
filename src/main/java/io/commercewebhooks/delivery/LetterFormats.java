package io.commercewebhooks.delivery;

import com.ibm.icu.number.LocalizedNumberFormatter;
import com.ibm.icu.number.NumberFormatter;
import com.ibm.icu.number.Precision;
import com.ibm.icu.text.DateFormat;
import com.ibm.icu.util.Currency;
import freemarker.core.Environment;
import freemarker.core.InvalidFormatParametersException;
import freemarker.core.TemplateDateFormat;
import freemarker.core.TemplateDateFormatFactory;
import freemarker.core.TemplateNumberFormat;
import freemarker.core.TemplateNumberFormatFactory;
import freemarker.core.UnparsableValueException;
import freemarker.template.Configuration;
import freemarker.template.TemplateDateModel;
import freemarker.template.TemplateMethodModelEx;
import freemarker.template.TemplateModelException;
import freemarker.template.TemplateNumberModel;
import io.commercewebhooks.VisibleText;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How the mail templates write values for a reader of their language, by the data of Unicode (CLDR)
 * and not by that of the JDK, which differs between its releases.
 *
 * <ul>
 *   <li>{@code ${amount?string("@money EUR")}}: the amount with the decimals of its currency and
 *       never less than it has, up to four; {@code EUR 1,249.50}
 *   <li>{@code ${time?string("@moment")}}: day and time of day in the zone of the template; {@code
 *       Monday, November 23, 2026 at 2:17 AM EST}
 *   <li>{@code ${visible(text)}}: characters that nobody sees, or that turn the direction of
 *       writing, as their number; {@code [U+202E]}. See {@link VisibleText}
 *   <li>{@code ${oneLine(text)}}: each run of spaces and ends of lines as one space, none at either
 *       end. Every value of a mail goes through it; a regular expression would cost as much as the
 *       rest of the mail's words.
 * </ul>
 */
final class LetterFormats {

  private static final String SPACES = " \t\n\u000B\f\r\u0085\u2028\u2029";

  private LetterFormats() {}

  static void addTo(Configuration templates) {
    templates.setCustomNumberFormats(Map.of("money", new MoneyFormats()));
    templates.setCustomDateFormats(Map.of("moment", new MomentFormats()));
    templates.setSharedVariable(
        "visible", (TemplateMethodModelEx) text -> VisibleText.of(text.get(0).toString()));
    templates.setSharedVariable("oneLine", (TemplateMethodModelEx) LetterFormats::oneLine);
  }

  private static String oneLine(List<?> arguments) throws TemplateModelException {
    if (arguments.size() != 1 || arguments.get(0) == null) {
      throw new TemplateModelException("oneLine takes one text, and there is none");
    }
    String text = arguments.get(0).toString();
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      if (SPACES.indexOf(letter) < 0) {
        line.append(letter);
      } else if (!line.isEmpty() && line.charAt(line.length() - 1) != ' ') {
        line.append(' ');
      }
    }
    return line.toString().stripTrailing();
  }

  private static final class MoneyFormats extends TemplateNumberFormatFactory {

    /** Every mail would make its own, which costs more than to write the amount. */
    private final Map<String, LocalizedNumberFormatter> made = new ConcurrentHashMap<>();

    @Override
    public TemplateNumberFormat get(String currency, Locale locale, Environment environment)
        throws InvalidFormatParametersException {
      Currency unit;
      try {
        unit = Currency.getInstance(currency.strip());
      } catch (IllegalArgumentException e) {
        throw new InvalidFormatParametersException("Not the code of a currency: " + currency, e);
      }
      LocalizedNumberFormatter format =
          made.computeIfAbsent(locale + " " + unit, any -> format(unit, locale));
      return new TemplateNumberFormat() {
        @Override
        public String formatToPlainText(TemplateNumberModel number) throws TemplateModelException {
          return format.format(new BigDecimal(number.getAsNumber().toString())).toString();
        }

        @Override
        public boolean isLocaleBound() {
          return true;
        }

        @Override
        public String getDescription() {
          return "money in " + unit;
        }
      };
    }

    private static LocalizedNumberFormatter format(Currency unit, Locale locale) {
      int decimals = unit.getDefaultFractionDigits();
      return NumberFormatter.withLocale(locale)
          .unit(unit)
          .unitWidth(NumberFormatter.UnitWidth.ISO_CODE)
          .precision(Precision.minMaxFraction(decimals, Math.max(decimals, 4)));
    }
  }

  private static final class MomentFormats extends TemplateDateFormatFactory {

    /** Weekday, day, month, year, the hour as the language counts it, minute and zone. */
    private static final String SKELETON = "yMMMMEEEEdjmz";

    /** Newer CLDR data has it before AM and PM; many mail programs show a box for it. */
    private static final char NARROW_SPACE = '\u202F';

    /** Every mail would make its own, which costs more than the rest of its words. */
    private final Map<String, DateFormat> made = new ConcurrentHashMap<>();

    @Override
    public TemplateDateFormat get(
        String none,
        int dateType,
        Locale locale,
        TimeZone zone,
        boolean zonelessInput,
        Environment environment) {
      DateFormat format =
          made.computeIfAbsent(locale + " " + zone.getID(), any -> format(locale, zone));
      return new TemplateDateFormat() {
        @Override
        public String formatToPlainText(TemplateDateModel date) throws TemplateModelException {
          synchronized (format) {
            return format.format(date.getAsDate()).replace(NARROW_SPACE, '\u00A0');
          }
        }

        @Override
        public Object parse(String text, int type) throws UnparsableValueException {
          throw new UnparsableValueException("Moments are written and never read");
        }

        @Override
        public boolean isLocaleBound() {
          return true;
        }

        @Override
        public boolean isTimeZoneBound() {
          return true;
        }

        @Override
        public String getDescription() {
          return "moment in " + zone.getID();
        }
      };
    }

    private static DateFormat format(Locale locale, TimeZone zone) {
      DateFormat format = DateFormat.getInstanceForSkeleton(SKELETON, locale);
      format.setTimeZone(com.ibm.icu.util.TimeZone.getTimeZone(zone.getID()));
      return format;
    }
  }
}
