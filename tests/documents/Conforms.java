import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Asks veraPDF: reads lines "flavour TAB file", answers each failed rule on a line, then "done" with the number of checks. */
public class Conforms {
    public static void main(String[] args) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        String line;
        while ((line = in.readLine()) != null) {
            String[] asked = line.split("\t");
            PDFAFlavour flavour = PDFAFlavour.byFlavourId(asked[0]);
            try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(asked[1]), flavour)) {
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false);
                ValidationResult result = validator.validate(parser);
                for (TestAssertion a : result.getTestAssertions()) {
                    if (a.getStatus() == TestAssertion.Status.FAILED) {
                        String rule = a.getRuleId().getClause() + "-" + a.getRuleId().getTestNumber();
                        System.out.println("failed\t" + rule + ": " + a.getMessage() + " (" + a.getLocation().getContext() + ")");
                    }
                }
                System.out.println("done\t" + result.getTotalAssertions());
            } catch (Exception e) {
                System.out.println("error\t" + e);
            }
            System.out.flush();
        }
    }
}
