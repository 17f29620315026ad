dist_man_MANS += %D%/dunlin.1
dist_man_MANS += %D%/dunlin-driver.7
dist_man_MANS += %D%/dunlin-layouts.7
