package org.merlinmq.verification.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.merlinmq.verification.server.Repository;

/** What no file of the repository may hold, and what each package must have. */
class TidyTest {
    private static final int MAX_METHOD_LINES = 60;
    private static final int GLANCE_LINES = 5;

    private static final Set<String> MADE =
            Set.of(".git", "target", "node_modules", "data", "dist", ".idea", ".vscode");

    /** Put together here, so that this file does not hold what it forbids. */
    private static final String SWITCHED_OFF = "@" + "Disabled";

    private static final String SLEEP = "Thread" + ".sleep(";

    private static final Pattern SYSTEM_TIME = Pattern.compile("Clock\\.system|currentTimeMillis|"
            + "\\b(Instant|(Local|Zoned|Offset)(Date|Time|DateTime)|Year|YearMonth)(\\.|::)now\\b|"
            + "ZoneId\\.systemDefault|TimeZone\\.getDefault|Calendar\\.getInstance|new Date\\(\\)");

    private static final Pattern MACHINE_PATHS =
            Pattern.compile("(?<![\\w./-])/(" + "root" + "|home/[a-z]+|Users/[a-z]+|" + "work" + ")/[\\w.]");

    private static final Pattern REGISTRIES =
            Pattern.compile("(registry\\." + "npmjs|repo1?\\.maven\\." + "(apache|org)|oss\\." + "sonatype)");

    @Test
    void noTestIsSwitchedOff() throws IOException {
        assertThat(linesWith(TidyTest::isTest, line -> line.contains(SWITCHED_OFF)))
                .isEmpty();
    }

    @Test
    void noTestSleeps() throws IOException {
        assertThat(linesWith(TidyTest::isTest, line -> line.contains(SLEEP)))
                .as("a test waits for a condition")
                .isEmpty();
    }

    /** Tests of verification drive processes, which live in the system's time. */
    @Test
    void noTestReadsTheSystemsClockOrZone() throws IOException {
        Predicate<Path> ownsItsTime = path -> isTest(path) && !path.startsWith("verification");
        assertThat(linesWith(ownsItsTime, line -> SYSTEM_TIME.matcher(line).find()))
                .as("a test takes its time from SimClock, whatever the hour and wherever it runs")
                .isEmpty();
    }

    @Test
    void noFileNamesAMachineOrARegistry() throws IOException {
        Predicate<String> wrong = line ->
                MACHINE_PATHS.matcher(line).find() || REGISTRIES.matcher(line).find();
        assertThat(linesWith(path -> true, wrong)).isEmpty();
    }

    @Test
    void everyPackageSaysWhatLivesInIt() throws IOException {
        Set<String> silent = new TreeSet<>();
        Set<String> speaking = new TreeSet<>();
        for (Path file : files()) { // main and test share a package; one of them tells of it
            String path = file.toString();
            if (!path.endsWith(".java") || !path.contains("/java/") || path.endsWith("/module-info.java")) {
                continue;
            }
            String folder = path.substring(0, path.lastIndexOf('/'));
            String of = String.join(": ", folder.split("/src/(main|test|jmh)/java/"));
            (path.endsWith("/package-info.java") ? speaking : silent).add(of);
        }
        silent.removeAll(speaking);
        assertThat(silent).as("packages without package-info").isEmpty();
    }

    @Test
    void methodsFitOnAScreen() throws IOException {
        assertThat(declarations(path -> true).filter(Declaration::isMethod).filter(m -> m.lines() > MAX_METHOD_LINES))
                .as("methods of more than %d lines", MAX_METHOD_LINES)
                .isEmpty();
    }

    /** What is understood at a glance needs none; the compiler checks what there is (see doclint in pom.xml). */
    @Test
    void whatOtherPackagesCallHasJavadoc() throws IOException {
        Predicate<Path> documented = path -> path.toString().contains("/src/main/java/")
                && !path.startsWith("benchmarks")
                && !path.startsWith("stress");
        assertThat(declarations(documented)
                        .filter(Declaration::isCallable)
                        .filter(d -> !d.hasJavadoc())
                        .filter(d -> !d.isMethod() || !d.hasBody() || d.lines() > GLANCE_LINES)
                        .filter(d -> !d.isOneExpression()))
                .as(
                        "public types, methods without a body, and methods of more than %d lines and one expression",
                        GLANCE_LINES)
                .isEmpty();
    }

    private static Stream<Declaration> declarations(Predicate<Path> which) throws IOException {
        Path root = Repository.root();
        List<Path> sources = files().stream()
                .filter(path -> path.toString().endsWith(".java"))
                .filter(which)
                .map(root::resolve)
                .toList();
        return Declaration.in(root, sources).stream();
    }

    private static boolean isTest(Path path) {
        return path.toString().contains("/src/test/") || path.toString().contains("verification/clients/src/");
    }

    private static List<Path> files() throws IOException {
        Path root = Repository.root();
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.walk(root)) {
            all.filter(Files::isRegularFile)
                    .map(root::relativize)
                    .filter(path -> Stream.iterate(path, p -> p != null, Path::getParent)
                            .noneMatch(p -> MADE.contains(String.valueOf(p.getFileName()))))
                    .forEach(found::add);
        }
        assertThat(found).hasSizeGreaterThan(20);
        return found;
    }

    private static List<String> linesWith(Predicate<Path> which, Predicate<String> wrong) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files()) {
            if (!which.test(file)) {
                continue;
            }
            int number = 0;
            for (String line : lines(file)) {
                number++;
                if (wrong.test(line)) {
                    found.add(file + ":" + number + ": " + line.strip());
                }
            }
        }
        return found;
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(Repository.root().resolve(file), StandardCharsets.UTF_8);
        } catch (MalformedInputException binary) {
            return List.of(); // pictures and the like hold no lines
        }
    }
}
