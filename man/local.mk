dist_man_MANS += %D%/dunlin.1
