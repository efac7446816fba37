package org.merlinmq.verification.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may import whom, and what only some rooms may touch. */
class LayersTest {
    private static final String ROOT = "org.merlinmq.";

    /** For each module, which others it may import; a module may always import itself. */
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
            Map.entry("platform", Set.of()),
            Map.entry("protocol", Set.of()),
            Map.entry("transport", Set.of("protocol")),
            Map.entry("storage", Set.of("platform", "protocol")),
            Map.entry("replication", Set.of("platform", "protocol", "storage", "transport")),
            Map.entry("nameserver", Set.of("protocol", "transport")),
            Map.entry("client", Set.of("protocol", "transport")),
            Map.entry("broker", Set.of("platform", "protocol", "storage", "transport", "replication", "nameserver")),
            Map.entry("console", Set.of("protocol", "client")),
            Map.entry("cli", Set.of("protocol", "client")),
            Map.entry(
                    "server",
                    Set.of(
                            "platform",
                            "protocol",
                            "transport",
                            "storage",
                            "replication",
                            "nameserver",
                            "broker",
                            "client",
                            "console",
                            "cli")));

    /** What every application may see; each other package names the modules that it is shown to. */
    private static final Set<String> FOR_APPLICATIONS =
            Set.of("org.merlinmq.client", "org.merlinmq.protocol.body", "org.merlinmq.protocol.json");

    /** Modules whose results must depend on nothing but what they are given. */
    private static final List<String> TIMELESS =
            List.of("platform", "protocol", "transport", "storage", "replication", "nameserver", "broker");

    private static final Set<String> MUTABLE_TYPES = Set.of(
            "java.util.concurrent.atomic.AtomicInteger",
            "java.util.concurrent.atomic.AtomicLong",
            "java.util.concurrent.atomic.AtomicBoolean",
            "java.util.concurrent.atomic.AtomicReference",
            "java.util.concurrent.atomic.LongAdder",
            "java.util.concurrent.ConcurrentHashMap",
            "java.util.concurrent.ConcurrentMap",
            "java.util.HashMap",
            "java.util.ArrayList",
            "java.util.HashSet",
            "java.lang.ThreadLocal",
            "java.lang.StringBuilder",
            "java.util.Random");

    private static final JavaClasses CLASSES = imported();

    private static JavaClasses imported() {
        return new ClassFileImporter()
                .withImportOption(location -> !location.contains("/test-classes/")
                        && !location.contains("/verification/")
                        && !location.contains("/testkit/"))
                .importPackages("org.merlinmq");
    }

    private static String module(JavaClass type) {
        String rest = type.getPackageName().substring(ROOT.length());
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith(ROOT);
    }

    @TestFactory
    Stream<DynamicTest> modulesImportOnlyWhatStandsBelow() {
        Set<String> modules = new TreeSet<>();
        CLASSES.forEach(type -> modules.add(module(type)));
        assertThat(ALLOWED.keySet()).containsAll(modules);
        return modules.stream().map(name -> DynamicTest.dynamicTest(name, () -> importsOnlyAllowed(name)));
    }

    private static void importsOnlyAllowed(String name) {
        Set<String> allowed = requireNonNull(ALLOWED.get(name));
        List<String> wrong = CLASSES.stream()
                .filter(type -> module(type).equals(name))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(dependency -> isOurs(dependency.getTargetClass()))
                .filter(dependency -> !module(dependency.getTargetClass()).equals(name))
                .filter(dependency -> !allowed.contains(module(dependency.getTargetClass())))
                .map(Dependency::getDescription)
                .sorted()
                .toList();
        assertThat(wrong).as("%s may import %s only", name, allowed).isEmpty();
    }

    /** The compiler sees to it that they say no less. */
    @TestFactory
    Stream<DynamicTest> moduleInfosSayNoMoreThanIsUsed() throws IOException {
        List<ModuleDescriptor> infos = moduleInfos();
        assertThat(infos.stream().map(ModuleDescriptor::name))
                .containsExactlyInAnyOrderElementsOf(
                        CLASSES.stream().map(type -> ROOT + module(type)).collect(Collectors.toSet()));
        return infos.stream()
                .map(info -> DynamicTest.dynamicTest(info.name(), () -> {
                    assertThat(requiredOfOurs(info))
                            .as("%s requires", info.name())
                            .isEqualTo(usedBy(info.name()));
                    for (ModuleDescriptor.Exports shown : info.exports()) {
                        if (FOR_APPLICATIONS.contains(shown.source())) {
                            assertThat(shown.targets()).as(shown.source()).isEmpty();
                        } else {
                            assertThat(shown.targets())
                                    .as("%s exports %s to", info.name(), shown.source())
                                    .isNotEmpty()
                                    .isEqualTo(usersOf(shown.source(), info.name()));
                        }
                    }
                }));
    }

    private static List<ModuleDescriptor> moduleInfos() throws IOException {
        List<ModuleDescriptor> all = new ArrayList<>();
        for (URL found : Collections.list(LayersTest.class.getClassLoader().getResources("module-info.class"))) {
            try (InputStream in = found.openStream()) {
                all.add(ModuleDescriptor.read(in));
            }
        }
        return all.stream().filter(info -> info.name().startsWith(ROOT)).toList();
    }

    private static Set<String> requiredOfOurs(ModuleDescriptor info) {
        return info.requires().stream()
                .map(ModuleDescriptor.Requires::name)
                .filter(name -> name.startsWith(ROOT))
                .collect(Collectors.toSet());
    }

    private static Set<String> usedBy(String moduleName) {
        return uses(type -> (ROOT + module(type)).equals(moduleName))
                .map(use -> ROOT + module(use.getTargetClass()))
                .filter(name -> !name.equals(moduleName))
                .collect(Collectors.toSet());
    }

    private static Set<String> usersOf(String packageName, String owner) {
        return uses(type -> !(ROOT + module(type)).equals(owner))
                .filter(use -> use.getTargetClass().getPackageName().equals(packageName))
                .map(use -> ROOT + module(use.getOriginClass()))
                .collect(Collectors.toSet());
    }

    private static Stream<Dependency> uses(Predicate<JavaClass> by) {
        return CLASSES.stream()
                .filter(by)
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(use -> isOurs(use.getTargetClass()));
    }

    @Test
    void packagesFormNoCycle() {
        SliceAssignment byPackage = new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                return isOurs(type) ? SliceIdentifier.of(type.getPackageName()) : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "packages";
            }
        };
        slices().assignedFrom(byPackage).should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void noStaticIsMutable() {
        List<String> wrong = CLASSES.stream()
                .flatMap(type -> type.getFields().stream())
                .filter(field -> field.getModifiers().contains(STATIC))
                .filter(field -> !field.getModifiers().contains(FINAL)
                        || MUTABLE_TYPES.contains(field.getRawType().getName()))
                .map(JavaField::getFullName)
                .sorted()
                .toList();
        assertThat(wrong).as("statics that can change").isEmpty();
    }

    @Test
    void onlyTheDiskPackageTouchesFileChannelsAndForeignMemory() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.merlinmq.platform.disk..")
                .and()
                .doNotHaveFullyQualifiedName("org.merlinmq.server.DataFolder") // a lock on the folder, no data
                .and()
                .doNotHaveFullyQualifiedName("org.merlinmq.server.LogFiles") // a lock on the log, no data
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.channels.FileChannel")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Arena")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.MappedByteBuffer")
                .because("what fails on a disk is simulated at one door")
                .check(CLASSES);
    }

    @TestFactory
    Stream<DynamicTest> timeAndChanceComeInByTheConstructor() {
        return TIMELESS.stream()
                .map(name -> DynamicTest.dynamicTest(
                        name,
                        () -> noClasses()
                                .that()
                                .resideInAPackage(ROOT + name + "..")
                                .should()
                                .callMethod(System.class, "currentTimeMillis")
                                .orShould()
                                .callMethod(java.time.Instant.class, "now")
                                .orShould()
                                .callMethod(java.time.LocalDateTime.class, "now")
                                .orShould()
                                .callMethod(Math.class, "random")
                                .orShould()
                                .callMethod(java.util.concurrent.ThreadLocalRandom.class, "current")
                                .because("a test has to be able to set the clock and the dice")
                                .allowEmptyShould(true)
                                .check(CLASSES)));
    }

    @Test
    void theStoreGetsItsThreadsFromOutside() {
        noClasses()
                .that()
                .resideInAnyPackage("org.merlinmq.storage..", "org.merlinmq.platform.disk")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Thread.class, "ofPlatform")
                .orShould()
                .callMethod(Thread.class, "ofVirtual")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.concurrent.locks.LockSupport")
                .because("one thread with one seed has to be able to drive a store")
                .check(CLASSES);
    }

    @Test
    void reflectionIsNotUsed() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.reflect")
                .check(CLASSES.that(describe("not made by the compiler", type -> !type.isEnum() && !type.isRecord())));
    }
}
